// Debian's Chromium, and a page that remembers what it asked for and complained about.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export async function launch() {
  const executablePath = candidates.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('no Chromium: apt-get install --no-install-recommends chromium');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
}

export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  // Only how long a broken page is waited for: a loaded machine is slow, and no test asks how fast the page is.
  context.setDefaultTimeout(45_000);
  const page = await context.newPage();
  const record = { foreign: [], problems: [] };
  const origin = new URL(url).origin;
  const own = (address) => {
    const { protocol, host } = new URL(address);
    return protocol === 'data:' || protocol === 'blob:' || `${protocol.replace('ws', 'http')}//${host}` === origin;
  };
  page.on('request', (request) => own(request.url()) || record.foreign.push(request.url()));
  page.on('websocket', (socket) => own(socket.url()) || record.foreign.push(socket.url()));
  page.on('pageerror', (error) => record.problems.push(String(error)));
  page.on('console', (message) => {
    // That a server is not there, or wants a token, is for the page to show; the browser also writes it down.
    const network = /^Failed to load resource|WebSocket connection to/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !network) record.problems.push(message.text());
  });
  return { page, context, record };
}

// Opens, runs, and checks what holds for every view: no foreign request, no complaint.
export async function visit(browser, url, options, run) {
  const { page, context, record } = await openPage(browser, url, options);
  try {
    await page.goto(url);
    await run(page);
    assert.deepEqual(record.foreign, []);
    assert.deepEqual(record.problems, []);
  } finally {
    await context.close();
  }
}

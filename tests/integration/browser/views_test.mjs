// Every view of the page, by the page's own list of them: in both languages, on a phone and on a desk, light and dark;
// against the stand-in, where everything has a value, and against a real server with a short past.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { patterns } from '../../../api/web/src/routes.js';
import { alertOf } from './mock_alerts.mjs';
import { startMock } from './mock_server.mjs';
import { LenneServer } from './server.mjs';
import { useBrowser } from './stand_in.mjs';

const program = process.env.LENNE_BIN ?? join(dirname(fileURLToPath(import.meta.url)), '../../../build/release/lenne');
const dictionary = readFileSync(new URL('../../../api/web/src/i18n/de.ts', import.meta.url), 'utf8');
const keys = [...dictionary.matchAll(/^ {2}'([\w.]+\.[\w.]+)':/gm)].map(([, key]) => key);

const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const desk = { viewport: { width: 1280, height: 800 } };
const ways = [
  { name: 'German, phone, light', locale: 'de-DE', colorScheme: 'light', ...phone },
  { name: 'English, phone, dark', locale: 'en-GB', colorScheme: 'dark', ...phone },
  { name: 'German, desk, dark', locale: 'de-DE', colorScheme: 'dark', ...desk },
  { name: 'English, desk, light', locale: 'en-GB', colorScheme: 'light', ...desk },
];

const browser = useBrowser();

async function ask(url, path, token) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return (await fetch(new URL(`v1/${path}`, url), { headers })).json();
}

// An address of each view, made of what the server has. A view that is not in here is a failure.
async function addresses(url, measure, token) {
  const [series] = (await ask(url, `series?measure=${measure}&limit=1`, token)).items;
  const [meter] = (await ask(url, `series?measure=water_volume&limit=1`, token)).items;
  const [gateway] = (await ask(url, 'gateways', token)).items;
  const town = `tenant=${series.tenant}`;
  const zone = `tenant=${meter.tenant}&zone=${encodeURIComponent(meter.site)}&inflow=${meter.dev_eui}&network_m=5000`;
  return {
    '': [''],
    live: ['live'],
    alerts: ['alerts'],
    devices: ['devices'],
    'devices/:eui': [`devices/${series.dev_eui}`, `devices/${meter.dev_eui}`],
    'meters/:eui': [`meters/${meter.dev_eui}`],
    'gateways/:id': [`gateways/${gateway.gateway_id}`],
    series: ['series'],
    'series/:eui/:measure': [
      `series/${series.dev_eui}/${series.measure}?${town}`,
      `series/${meter.dev_eui}/${meter.measure}?tenant=${meter.tenant}&range=7d`,
    ],
    towns: ['towns'],
    'towns/environment': [`towns/environment?${town}`],
    'towns/indoors': [`towns/indoors?${town}`],
    'towns/traffic': [`towns/traffic?${town}`],
    'towns/parking': [`towns/parking?${town}`],
    'towns/energy': [`towns/energy?${town}`],
    'towns/balance': [`towns/balance?${zone}`],
    'towns/waste': [`towns/waste?${town}`],
    'towns/open': [`towns/open?${town}`],
    network: ['network', `network?${town}`],
    about: ['about'],
  };
}

// All that somebody reads, hears or finds under the pointer.
function readable() {
  const told = ['title', 'aria-label', 'placeholder', 'alt'];
  const words = told.flatMap((name) => [...document.querySelectorAll(`[${name}]`)].map((each) => each.getAttribute(name)));
  return [document.title, document.body.innerText, ...words].join('\n');
}

// All of it is there. What a busy machine did not bring in time may be asked for again, as a reader would.
async function loaded(page, at) {
  const again = page.locator('.failed button').first();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await page.waitForFunction(() => document.querySelector('.spinner') === null);
    if ((await again.count()) === 0) return;
    await again.click();
  }
  assert.fail(`${at}: ${await page.locator('.failed').first().innerText()}`);
}

async function look(page, url, pattern, address, way) {
  const at = `#/${address} (${way.name})`;
  await page.goto(`${url}#/${address}`);
  await page.locator(`main[data-view="${pattern}"] h1`).first().waitFor({ state: 'attached' });
  await loaded(page, at);
  assert.equal(await page.locator('main h1').count(), 1, `${at}: headings`);
  assert.match(await page.locator('main h1').textContent(), /\S/, at);
  // What is folded up has to be right as well; a table in it is only drawn when it opens.
  await page.evaluate(() => document.querySelectorAll('main details').forEach((each) => (each.open = true)));
  await page.waitForFunction(() => [...document.querySelectorAll('main details table')].every((each) => each.rows.length > 1));
  const text = await page.evaluate(readable);
  assert.doesNotMatch(text, /\bundefined\b|\bNaN\b|\[object|Infinity|Invalid Date/, at);
  assert.doesNotMatch(text, /\{\w+\}/, `${at}: a value is missing in a text`);
  const lines = new Set(text.split(/[\s,;:()·]+/));
  assert.deepEqual(keys.filter((key) => lines.has(key)), [], `${at}: keys instead of texts`);
  assert.equal(await page.evaluate(() => document.documentElement.lang), way.locale.slice(0, 2), at);
  const { width } = way.viewport;
  const found = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, innerWidth));
  assert.ok(found <= width, `${at} is ${found} wide`);
  if (width < 500) {
    const nav = await page.locator('.nav').boundingBox();
    assert.ok(Math.abs(nav.y + nav.height - way.viewport.height) < 2, `${at}: navigation at ${nav.y}`);
  }
}

async function lookAtAll(url, views, way, token) {
  assert.deepEqual(Object.keys(views).sort(), [...patterns].sort(), 'each view of the page has an address here');
  const { name: _, ...options } = way;
  await browser.visit(url, options, async (page) => {
    if (token) {
      await page.evaluate((secret) => sessionStorage.setItem('lenne.token', secret), token);
      await page.reload();
    }
    await page.locator('[data-test=connection][data-phase=live]').waitFor();
    for (const pattern of patterns) {
      for (const address of views[pattern]) await look(page, url, pattern, address, way);
    }
  });
}

test('every view, with everything in it', async (t) => {
  const mock = await startMock();
  t.after(() => mock.stop());
  const river = mock.devices.find(({ kind }) => kind.series.some(([measure]) => measure === 'water_level'));
  mock.setAlerts([alertOf(river), alertOf(river, { rule: 'level-1', severity: 'info', threshold: 1.1, state: 'resolved' })]);
  const views = await addresses(mock.url, 'water_level');
  for (const way of ways) await t.test(way.name, () => lookAtAll(mock.url, views, way));
});

test('every view of a real server that has two hours behind it', async (t) => {
  const from = new Date(Date.now() - 7_200_000).toISOString();
  const server = await LenneServer.create(program, {
    past: ['--towns', 'olpe', '--from', from, '--duration', '2h', '--quiet', '0h'],
  });
  t.after(() => server.remove());
  const views = await addresses(server.url, 'temperature', server.token);
  const [german, , , english] = ways;
  for (const way of [german, english]) await t.test(way.name, () => lookAtAll(server.url, views, way, server.token));
});

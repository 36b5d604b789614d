// The whole way, with a real server and a real browser: a radio frame becomes a number on the page; a stopped server
// shows as disconnected; nothing is asked of anybody else.
//   LENNE_BIN                          program to start (default: build/release/lenne)
//   LENNE_URL, LENNE_UDP, LENNE_TOKEN  use a running server instead (then it is neither stopped nor restarted)
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openPage } from './chromium.mjs';
import { uplink, VirtualGateway } from './lorawan.mjs';
import { apply, LenneServer } from './server.mjs';
import { useBrowser } from './stand_in.mjs';
import { counted } from './waiting.mjs';

const program = process.env.LENNE_BIN ?? join(dirname(fileURLToPath(import.meta.url)), '../../../build/release/lenne');
const given = process.env.LENNE_URL;
const gatewayId = '0016c001ff10b0b0';
const device = {
  devEui: 'a81758fffe0b0b01',
  devAddr: '0000b0b1',
  nwkSKey: '000102030405060708090a0b0c0d0e0f',
  appSKey: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
};
const name = 'Browser test sensor <b>1</b>';
const tenant = 'menden';

let server;
let target;
let view;
let gateway;
let fCnt = 0;

// Elsys: a type byte and a big-endian value; 01 = temperature in tenths, 02 = humidity in percent.
async function measure(temperature, humidity) {
  const payload = Buffer.alloc(5);
  payload[0] = 0x01;
  payload.writeInt16BE(Math.round(temperature * 10), 1);
  payload[3] = 0x02;
  payload[4] = humidity;
  fCnt += 1;
  await gateway.send(uplink(device, fCnt, 5, payload));
}

function documents() {
  return [
    { kind: 'Tenant', name: tenant, title: 'Menden', ags: '05962040' },
    {
      kind: 'Gateway',
      gateway_id: gatewayId,
      tenant,
      name: 'Town hall',
      location: { latitude: 51.44, longitude: 7.8 },
    },
    { kind: 'Site', name: 'school', tenant, location: { latitude: 51.435, longitude: 7.79 } },
    { kind: 'Profile', name: 'browser-test', schema: 'elsys/ers', nominal_interval_s: 60 },
    {
      kind: 'Device',
      dev_eui: device.devEui,
      name,
      tenant,
      site: 'school',
      profile: 'browser-test',
      region: 'EU868',
      mac_version: '1.0.3',
      activation: 'ABP',
      dev_addr: device.devAddr,
      nwk_s_key: device.nwkSKey,
      app_s_key: device.appSKey,
    },
  ];
}

async function phase(wanted) {
  await view.page.locator(`[data-test=connection][data-phase=${wanted}]`).waitFor({ timeout: 60_000 });
}

const held = useBrowser();

before(async () => {
  if (given) target = { url: given, udp: process.env.LENNE_UDP, token: process.env.LENNE_TOKEN };
  else {
    server = await LenneServer.create(program);
    target = server;
  }
  await apply(target.url, target.token, documents());
  gateway = new VirtualGateway(target.udp, gatewayId);
  view = await openPage(await held.browser(), target.url);
});

after(async () => {
  gateway?.close();
  await server?.remove();
});

test('the page opens, asks for a token if the server wants one, and is live', async () => {
  const { page } = view;
  await page.goto(target.url);
  const state = page.locator('[data-test=connection]:not([data-phase=connecting])');
  await state.waitFor();
  if ((await state.getAttribute('data-phase')) === 'unauthorised') {
    await page.getByLabel('Access token').fill('wrong');
    await page.getByRole('button', { name: 'Use token' }).click();
    await page.getByText('The server refused this access token.').waitFor();
    await page.getByLabel('Access token').fill(target.token);
    await page.getByRole('button', { name: 'Use token' }).click();
  }
  await phase('live');
  await page
    .getByRole('link', { name: /^Menden/ })
    .first()
    .waitFor();
});

test('a changed sensor shows exactly its number, live, decoded and as latest value', async () => {
  const { page } = view;
  await page.getByRole('link', { name: 'Live', exact: true }).click();
  await page.getByRole('heading', { name: 'Live radio traffic' }).waitFor();
  await measure(21.3, 47);
  const frames = page.locator('[data-test=frames]');
  await frames.getByText('Temperature 21.3\u202f°C · Humidity 47\u202f%').waitFor();
  await measure(24.7, 48);
  await frames.getByText('Temperature 24.7\u202f°C · Humidity 48\u202f%').waitFor();
  await counted(frames.getByText('SF7', { exact: true }), 2);
  await frames.getByText('-57 dBm / 9.2 dB').nth(1).waitFor();

  // The name comes from outside: it must show as text, not become markup.
  await frames.getByRole('link', { name }).first().click({ timeout: 60_000 });
  await page.getByRole('heading', { name }).waitFor();
  await page.locator('[data-test=latest]').getByText('24.7\u202f°C').waitFor();
  assert.match(await page.locator('[data-test=source]').first().innerText(), /^int\.measurement \d+:\d+$/);
  await measure(-3.2, 50);
  await page.locator('[data-test=latest]').getByText('-3.2\u202f°C').waitFor();
});

test('its windows are plotted; the provisional mean is right', async () => {
  const { page } = view;
  await page.getByRole('link', { name: 'Temperature' }).first().click({ timeout: 90_000 });
  await page.locator('.plot canvas').first().waitFor();
  await counted(page.locator('.plot canvas'), 2);
  await page.getByText('The same as a table').click();
  const rows = page.locator('[data-test=windows] tbody tr');
  await rows.first().waitFor();
  // Three values, unless the quarter of an hour ended between them.
  const texts = (await rows.allInnerTexts()).map((text) => text.replaceAll('\u202f', ' '));
  if (texts.length === 1) assert.match(texts[0], /14\.3 °C\s+-3\.2 °C\s+24\.7 °C/);
  assert.ok(
    texts.some((text) => text.includes('provisional')),
    texts.join('\n'),
  );
  const csv = await page.evaluate(
    ([href, token]) => fetch(href, { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.text()),
    [await page.locator('[data-test=csv]').getAttribute('href'), target.token],
  );
  assert.match(csv, new RegExp(device.devEui));
});

test(
  'a stopped server shows as disconnected, and a restarted one as live again',
  { skip: Boolean(given) },
  async () => {
    const { page } = view;
    await server.stop('SIGKILL');
    await page.locator('[data-test=offline]').waitFor();
    await phase('offline');
    await page.locator('main.stale').waitFor();
    await server.start();
    await phase('live');
    await counted(page.locator('[data-test=offline]'), 0);
    await page.getByRole('link', { name: 'Live', exact: true }).click();
    await measure(19.9, 51);
    await page.locator('[data-test=frames]').getByText('Temperature 19.9\u202f°C').waitFor();
  },
);

test('nothing left the origin, and the console has no errors', () => {
  assert.deepEqual(view.record.foreign, []);
  assert.deepEqual(view.record.problems, []);
});

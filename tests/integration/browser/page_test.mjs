// The page alone, against the stand-in server: states, languages, widths, keyboard. Needs api/web/dist (npm run build).
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { alertOf } from './mock_alerts.mjs';
import { startMock } from './mock_server.mjs';
import { tcpPortToKeep } from './server.mjs';
import { useStandIn } from './stand_in.mjs';
import { counted, pressUntil, told } from './waiting.mjs';

const built = existsSync(fileURLToPath(new URL('../../../api/web/dist/index.html', import.meta.url)));
before(() => assert.ok(built, 'api/web/dist is missing: run npm ci && npm run build in api/web'));
const standIn = useStandIn({});
const { withPage } = standIn;
const find = (profile) => standIn.device((device) => device.profile === profile);
const live = '[data-test=connection][data-phase=live]';

test('the overview shows towns, figures and arriving frames, and says that it is simulated', async () => {
  await withPage('', async (page) => {
    await page.locator(live).waitFor();
    await page.getByText('Simulated region').waitFor();
    await counted(page.locator('.town-list li'), 6);
    await counted(page.locator('path.cell'), 59);
    await counted(page.locator('path.cell.joined'), 6);
    await told(page.locator('[data-test=figures]'), /Gateways online\s+\d+ of \d+/);
    standIn.mock.uplink(find('elsys/ers'), { temperature: 18.75 });
    await page.locator('.recent').getByText('Temperature 18.75').first().waitFor();
  });
});

test('frames: filter, pause, details, and names that look like markup stay text', async () => {
  await withPage('live', async (page) => {
    await page.locator(live).waitFor();
    const rows = page.locator('[data-test=frames] tbody tr');
    standIn.mock.uplink(find('elsys/ers'), { temperature: 11.5 });
    standIn.mock.uplink(find('bosch/tps110'), { parking: { occupied: true } });
    await counted(rows, 2);
    await page.getByPlaceholder('Filter').fill('occupied');
    await counted(rows, 1);
    await told(rows.first(), /occupied/i);
    await page.getByPlaceholder('Filter').fill('');
    await page.getByRole('button', { name: 'Pause' }).click();
    standIn.mock.uplink(find('elsys/ers'), { temperature: 99.25 });
    await page.getByText('newer frames wait').first().waitFor();
    assert.equal(await page.getByText('99.25').count(), 0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Temperature 99.25' }).first().click();
    await page.getByText('868.').first().waitFor();
    standIn.mock.broadcast({ type: 'log', code: 'x', message: '<img src=x onerror=alert(1)>', tenant: 'menden' });
    await page.getByText('<img src=x').first().waitFor();
  });
});

test('a flood of frames stays bounded', async () => {
  await withPage('live', async (page) => {
    await page.locator(live).waitFor();
    for (let i = 0; i < 1500; i += 1) standIn.mock.uplink(find('elsys/ers'), { temperature: i });
    await page.getByText('Temperature 1,499').first().waitFor();
    assert.ok((await page.locator('[data-test=frames] tbody tr').count()) <= 120);
  });
});

test('devices: search, detail, and a new value at once', async () => {
  const device = find('elsys/ers');
  await withPage('devices', async (page) => {
    await page.getByPlaceholder('Search').fill(device.dev_eui);
    await counted(page.locator('[data-test=devices] tbody tr'), 1);
    await page.locator('[data-test=devices]').getByRole('link', { name: device.name }).first().click();
    await page.locator('[data-test=latest]').waitFor();
    await page.locator(live).waitFor();
    standIn.mock.setLatest(device.dev_eui, 'temperature', { value: 33.3 });
    standIn.mock.uplink(device, { temperature: 33.3 });
    await page.locator('[data-test=latest]').getByText('33.3\u202f°C').waitFor();
  });
});

test('a plot works by keyboard, zooms, and offers its table and CSV', async () => {
  const device = find('elsys/ers');
  await withPage(`series/${device.dev_eui}/temperature?tenant=${device.tenant}`, async (page) => {
    const plot = page.locator('.plot-host');
    const tooltip = page.locator('.plot-tooltip');
    await pressUntil(plot, 'ArrowLeft', tooltip.getByText('provisional', { exact: true }));
    await pressUntil(plot, 'ArrowLeft', tooltip.getByText('final', { exact: true }));
    await told(page.locator('.plot [aria-live]'), /°C.*Coverage/);
    const whole = page.getByRole('button', { name: 'Whole period' });
    for (let i = 0; i < 10 && (await whole.count()) === 0; i += 1) {
      const box = await plot.locator('.u-over').first().boundingBox();
      if (!box) continue; // it is just being drawn again
      await page.mouse.move(box.x + box.width * 0.3, box.y + 60);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 4 });
      await page.mouse.up();
    }
    await whole.click();
    await whole.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: '7 days' }).click();
    await page.getByText('The same as a table').click();
    await page.locator('[data-test=windows] tbody tr').nth(89).waitFor({ state: 'attached' });
    assert.match(await page.locator('[data-test=csv]').first().getAttribute('href'), /format=csv/);
  });
});

test('where the coverage is unknown, the plot and its table say so, and call nothing too little', async () => {
  const room = find('elsys/ers');
  await withPage(`series/${room.dev_eui}/battery_voltage?tenant=${room.tenant}`, async (page) => {
    await page.locator('.plot-legend').getByText('coverage unknown').waitFor();
    await page.getByText('The same as a table').click();
    await page.locator('[data-test=windows] tbody tr').first().waitFor();
    const cells = await page.locator('[data-test=windows] tbody td:nth-child(5)').allInnerTexts();
    assert.ok(cells.length > 0 && cells.every((cell) => cell.trim() === '–'), cells[0]);
  });
});

test('a parking bay is drawn as occupied share', async () => {
  const device = find('bosch/tps110');
  await withPage(`series/${device.dev_eui}/parking_occupied?tenant=${device.tenant}`, async (page) => {
    await page.getByText('Occupied share of known time').waitFor();
    const line = page.locator('.plot-tooltip').getByText(/occupied \d+ min, known 15 min/);
    await pressUntil(page.locator('.plot-host'), 'ArrowRight', line);
  });
});

test('towns show temperature and parking', async () => {
  await withPage('towns', async (page) => {
    const row = page.locator('[data-test=towns] tr', { hasText: 'Bad Berleburg' });
    await row.getByText('°C').first().waitFor();
    await row.getByText(/of \d+ bays/).first().waitFor();
    await page.getByText('Not connected yet: 53 of 59').waitFor();
  });
});

test('the network: figures, devices with the worst first, gateways', async () => {
  await withPage('network', async (page) => {
    const rows = page.locator('[data-test=network-devices] tbody tr');
    await counted(rows, 50);
    await told(page.locator('[data-test=network-figures]'), /Uplinks lost\s+\d+\.\d%/);
    await counted(page.locator('[data-test=factors] li'), 6);
    const losses = await rows.locator('td:nth-child(3)').allInnerTexts();
    const numbers = losses.map((text) => Number.parseFloat(text));
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => b - a),
    );
    await page.getByRole('button', { name: 'Silence' }).click();
    await rows.first().getByText('silent').first().waitFor();
    assert.match(page.url(), /sort=silence/);
    await page.getByRole('combobox', { name: 'Town' }).selectOption('olpe');
    const all = standIn.mock.devices.filter(({ tenant }) => tenant === 'olpe').length;
    await page.getByText(`${all} of ${all} devices`).waitFor();
    const gateways = page.locator('[data-test=network-gateways] tbody tr');
    await counted(gateways, 7);
    await gateways.first().locator('a').click();
    await page.getByRole('heading', { level: 1, name: /olpe-gw/ }).waitFor();
  });
});

test('parking: free bays by site now, and how today was', async () => {
  await withPage('towns', async (page) => {
    await page.locator('[data-test=towns] tr', { hasText: 'Olpe' }).getByRole('link', { name: /bays/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Parking' }).waitFor();
    const rows = page.locator('[data-test=parking] tbody tr');
    await rows.first().waitFor();
    assert.ok((await rows.count()) >= 3);
    const [site, free, , occupancy, turnover, stay, coverage] = await rows.first().locator('td').allInnerTexts();
    assert.match(site, /^Parkplatz Rathaus/);
    assert.match(free, /^\d+\s+of \d+/);
    assert.match(occupancy, /^\d+%$/);
    assert.match(turnover, /^[\d.]+$/);
    assert.match(stay, /^([\d,]+ min|–)$/);
    assert.match(coverage, /%/);
    await page.getByRole('combobox', { name: 'Town' }).selectOption('menden');
    assert.match(page.url(), /tenant=menden/);
    await rows.first().waitFor();
  });
});

test('both languages, by the browser and by hand', async () => {
  await withPage('', async (page) => {
    await page.getByText('Uplinks je Minute').waitFor();
    await page.waitForFunction(() => document.documentElement.lang === 'de');
    await page.getByRole('button', { name: 'Show in English' }).click();
    await page.getByText('Uplinks per minute').waitFor();
    await page.reload();
    await page.getByText('Uplinks per minute').waitFor();
  }, { locale: 'de-DE' });
});

test('an empty server is empty, with a word instead of a blank', async () => {
  const none = await startMock({ empty: true });
  try {
    const words = {
      '': 'No municipality is connected yet.',
      live: 'Waiting for frames',
      devices: 'No device has been registered yet.',
      series: 'No values have been aggregated yet.',
      towns: 'No municipality is connected yet.',
      'towns/parking': 'No municipality is connected yet.',
      network: 'No gateway has been declared or heard yet.',
      'devices/00': 'There is no device 00',
      nowhere: 'This page does not exist.',
    };
    for (const [path, word] of Object.entries(words)) {
      await standIn.visit(`${none.url}#/${path}`, {}, async (page) => {
        await page.getByText(word).first().waitFor();
        await page.waitForFunction(() => document.querySelector('.spinner') === null);
      });
    }
  } finally {
    await none.stop();
  }
});

test('a token is asked for, refused, accepted, kept for the tab and removed', async () => {
  const guarded = await startMock({ token: 'secret' });
  try {
    await standIn.visit(guarded.url, {}, async (page) => {
      await page.getByText('only with an access token').waitFor();
      await page.getByLabel('Access token').fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByText('The server refused this access token.').waitFor();
      await page.getByLabel('Access token').fill('secret');
      await page.keyboard.press('Enter');
      await page.locator(live).waitFor();
      await page.reload();
      await page.locator(live).waitFor();
      assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
      const device = find('elsys/ers');
      await page.goto(`${guarded.url}#/series/${device.dev_eui}/temperature?tenant=${device.tenant}`);
      const saved = page.waitForEvent('download');
      await page.locator('[data-test=csv]').click();
      assert.match((await saved).suggestedFilename(), /temperature_15m\.csv$/);
      await page.getByRole('button', { name: 'Access', exact: true }).click();
      await page.getByRole('button', { name: 'Remove token' }).click();
      await page.getByText('only with an access token').waitFor();
    });
  } finally {
    await guarded.stop();
  }
});

// Within five seconds: that the page asks often enough is tested beside its code (api.test.ts), not by a busy machine's clock.
test('a stopped server shows, and its data as outdated; a new one brings it back', async () => {
  const port = await tcpPortToKeep();
  let stopping = await startMock({ port });
  try {
    await standIn.visit(stopping.url, {}, async (page) => {
      await page.locator(live).waitFor();
      await counted(page.locator('.town-list li'), 6);
      await stopping.stop();
      await told(page.locator('[data-test=offline]'), /Disconnected from the server.*as of \d\d:\d\d:\d\d/s);
      await page.locator('main.stale').waitFor();
      await counted(page.locator('.town-list li'), 6);
      stopping = await startMock({ port });
      await page.locator(live).waitFor();
      await counted(page.locator('main.stale'), 0);
    });
  } finally {
    await stopping.stop();
  }
});

test('a server that hangs shows as well', async () => {
  const hanging = await startMock();
  try {
    await standIn.visit(hanging.url, {}, async (page) => {
      await page.locator(live).waitFor();
      await page.route('**/v1/**', () => undefined);
      await page.locator('[data-test=offline]').waitFor();
    });
  } finally {
    await hanging.stop();
  }
});

function alertsToShow() {
  const [river, store] = standIn.mock.devices;
  return [
    alertOf(river, { rule: 'level-3', severity: 'alarm', text: { en: 'Built-up areas', de: 'Bebaute Gebiete' }, threshold: 2.1, forecast: null }),
    alertOf(river),
    alertOf(store, {
      rule: 'stale', text: {}, measure: 'temperature', unit: '', threshold: null, comparison: null, first: null, last: null, extreme: null,
      silent_after_s: 1800, rate: null, forecast: null, now: null, state: 'acknowledged', actor: 'Bauhof', note: '<b>battery</b>',
    }),
    alertOf(store, { rule: 'cold', state: 'resolved' }),
  ];
}

test('alerts: the badge counts, the worst is first, somebody takes care, and each has its history', async (t) => {
  t.after(() => standIn.mock.setAlerts([]));
  standIn.mock.setAlerts(alertsToShow());
  await withPage('alerts', async (page) => {
    await page.evaluate(() => sessionStorage.setItem('lenne.token', 'secret'));
    await page.reload();
    await page.locator(live).waitFor();
    const rows = page.locator('[data-test=alert]');
    await counted(rows, 3, 'what is over is not open');
    await told(page.locator('[data-test=alert-count]'), /^2$/);
    await told(rows.nth(0), /Alarm\s+Built-up areas/);
    const second = await rows.nth(1).innerText();
    for (const part of ['1.72', 'threshold ≥ 1.60', 'rising by 0.60', '2.10', 'in about 45 min']) assert.ok(second.includes(part), `${part} in ${second}`);
    assert.match(await rows.nth(2).innerText(), /silent for more than 30 min[\s\S]*Bauhof takes care of it[\s\S]*<b>battery<\/b>/);
    await rows.nth(1).locator('[data-test=acknowledge]').click();
    await page.getByPlaceholder('What is being done').fill('sandbags');
    await page.locator('[data-test=acknowledge-send]').click();
    await page.getByText('sandbags').first().waitFor();
    await page.locator('[data-test=alert-count]', { hasText: /^1$/ }).waitFor();
    await rows.nth(0).getByRole('button', { name: 'History' }).click();
    await page.locator('[data-test=history] li').first().waitFor();
    await page.getByRole('button', { name: 'Over', exact: true }).click();
    await page.locator('[data-test=alert][data-state=resolved]').first().waitFor();
    await page.goto(`${standIn.mock.url}#/devices/${standIn.mock.devices[0].dev_eui}`);
    await page.locator('[data-test=alert]').nth(1).waitFor();
  });
});

test('without a token nobody is offered to acknowledge, and without alerts there is no badge', async (t) => {
  t.after(() => standIn.mock.setAlerts([]));
  standIn.mock.setAlerts(alertsToShow());
  await withPage('alerts', async (page) => {
    await page.locator('[data-test=alert]').nth(2).waitFor();
    assert.equal(await page.locator('[data-test=acknowledge]').count(), 0);
    await told(page.locator('h1'), /^Warnungen$/);
    standIn.mock.setAlerts([]);
    await page.getByText('Keine offene Warnung.').first().waitFor();
    await page.locator('[data-test=alert-count]').waitFor({ state: 'detached' });
  }, { locale: 'de-DE' });
});

test('a meter shows how well each hour is known, and what its days say of leaks', async () => {
  const meter = standIn.mock.devices.find(({ kind }) => kind.series.some(([measure]) => measure === 'water_volume'));
  await withPage(`devices/${meter.dev_eui}`, async (page) => {
    const card = page.locator('[data-test=meter]');
    await card.getByText('OBIS 8-0:1.0.0').first().waitFor();
    for (const quality of ['W', 'I', 'E']) assert.ok((await card.locator(`rect.quality-${quality}`).count()) > 0, quality);
    assert.ok((await card.locator('rect.gap').count()) > 0);
    const days = card.locator('[data-test=meter-days] tbody tr');
    assert.ok((await days.count()) >= 7);
    await card.getByText('Leak').first().waitFor();
  });
});

// The stand-in's answers have the shape that api/openapi.yaml says, and so have a real server's: what the page's tests
// rely on is what the server gives.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startMock } from './mock_server.mjs';
import { problemsOf } from './schema.mjs';
import { LenneServer } from './server.mjs';

const program = process.env.LENNE_BIN ?? join(dirname(fileURLToPath(import.meta.url)), '../../../build/release/lenne');

async function ask(url, path, token) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(new URL(`v1/${path}`, url), { headers });
  const body = await response.text();
  assert.equal(response.status, 200, `${path}: ${body}`);
  return JSON.parse(body);
}

// One question to each endpoint that a view asks, about something that the server has; null: it has none of it.
async function questions(url, token) {
  const first = async (measure) => (await ask(url, `series?measure=${measure}&limit=1`, token)).items[0];
  const day = 86_400_000;
  const from = new Date(Date.now() - 7 * day).toISOString();
  const year = new Date().getUTCFullYear();
  const [climate, gauge, wind, air, level, room, meter, noise, sun, vehicles, people, container, place, energy, heat, battery, well] = await Promise.all(
    ['temperature', 'precipitation', 'wind_speed', 'pm10', 'water_level', 'co2', 'water_volume', 'sound_energy', 'uv_index', 'vehicles', 'people', 'fill_level', 'occupancy', 'energy', 'heat_energy', 'battery_level', 'groundwater_level'].map(first),
  );
  const counter = vehicles ?? people;
  const at = (series) => `tenant=${series.tenant}&site=${encodeURIComponent(series.site)}`;
  const of = (series) => `tenant=${series.tenant}&device=${series.dev_eui}`;
  const month = new Date().getUTCMonth() + 1;
  return [
    climate && `climate-days?${of(climate)}&year=${year}`,
    gauge && `rain?${of(gauge)}&from=${from}`,
    gauge && `rain-events?${of(gauge)}&from=${from}`,
    wind && `wind?${of(wind)}&from=${from}`,
    air && `air-quality?${at(air)}&from=${from}`,
    air && `air-limits?${at(air)}&year=${year}`,
    climate && `heat-hours?${of(climate)}&from=${from}`,
    counter && `week-profile?${of(counter)}&measure=${counter.measure}`,
    level && `water-levels?${of(level)}`,
    level && `thresholds?${of(level)}&measure=water_level`,
    room && `indoor-air?${at(room)}&from=${from}`,
    room && `mould?${at(room)}&from=${from}`,
    meter && `meter/report?device=${meter.dev_eui}&year=${year}&month=${month}`,
    meter && `meter/profile?device=${meter.dev_eui}&year=${year}&month=${month}`,
    meter && `meter/balance?${at(meter).replace('site', 'zone')}&inflow=${meter.dev_eui}&from=${from}`,
    noise && `noise?${of(noise)}&from=${from}`,
    sun && `uv?${of(sun)}&from=${from}`,
    counter && `traffic?${at(counter)}&from=${from}`,
    container && `waste?tenant=${container.tenant}`,
    place && `rooms?${at(place)}&from=${from}`,
    place && `charge-points?${at(place)}&from=${from}`,
    energy && `street-light?${at(energy)}&from=${from}`,
    heat && `building?${of(heat)}&weather=${climate.dev_eui}&measure=heat_energy&carrier=gas&from=${from}`,
    heat && `meter/substations?tenant=${heat.tenant}&year=${year}&month=${month}`,
    well && `water-levels?${of(well)}&measure=groundwater_level`,
    battery && `batteries?tenant=${battery.tenant}`,
    `open/agg?measure=precipitation&tenant=${meter.tenant}&from=${from}`,
    'tenants',
    `network/gateways?tenant=${meter.tenant}`,
  ].filter(Boolean);
}

async function checkAll(url, token) {
  const asked = await questions(url, token);
  for (const path of asked) {
    const [endpoint] = path.split('?');
    assert.deepEqual(problemsOf(endpoint, await ask(url, path, token)), [], path);
  }
  return asked.map((path) => path.split('?')[0]);
}

test('the stand-in answers as openapi.yaml says, whatever a view asks', async (t) => {
  const mock = await startMock();
  t.after(() => mock.stop());
  assert.equal((await checkAll(mock.url)).length, 29, 'it has something of everything');
});

test('a real server answers as openapi.yaml says', async (t) => {
  const from = new Date(Date.now() - 7_200_000).toISOString();
  const server = await LenneServer.create(program, {
    past: ['--towns', 'olpe', '--from', from, '--duration', '2h', '--quiet', '0h'],
  });
  t.after(() => server.remove());
  const asked = await checkAll(server.url, server.token);
  for (const wanted of ['thresholds', 'waste', 'indoor-air', 'mould', 'water-levels', 'meter/report', 'meter/profile', 'network/gateways'])
    assert.ok(asked.includes(wanted), `${wanted} of the simulated region`);
});

test('a shape that is not in openapi.yaml is told', () => {
  const item = { use_case: 'a', rule: 'b', measure: 'c', window: null, statistic: null, comparison: 'over', threshold: '1', severity: 'info', text: {}, more: 1 };
  assert.deepEqual(problemsOf('thresholds', { items: [item] }), [
    'thresholds.items[0].comparison is over, not one of above,below',
    'thresholds.items[0].threshold is no number: "1"',
    'thresholds.items[0].more is not in openapi.yaml',
  ]);
});

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { readings } from '../src/format/decoded';
import { frameText, rateText, searchText, signalText } from '../src/format/frames';
import { measureName, valueText, windowsToOffer } from '../src/format/measures';
import { integer, percent } from '../src/format/numbers';
import { ago, durationSeconds, overlaps, resolution, windowLabel, windowName, windowsText } from '../src/format/time';
import { language } from '../src/i18n';
import { href, parseRoute } from '../src/router';

const plain = (text: string): string => text.replace(/[\u202f\u00a0]/g, ' ');

beforeEach(() => language.set('en'));

test('only windows that a series can have are offered', () => {
  const offered = (measure: string, kind: string, windows: string[] = []): string[] =>
    windowsToOffer({ measure, kind, windows });
  assert.deepEqual(offered('temperature', 'gauge'), ['PT15M', 'PT1H', 'P1D']);
  assert.deepEqual(offered('uplinks_lost', 'event'), ['PT1H', 'P1D']);
  assert.deepEqual(offered('firmware', 'info'), []);
  for (const measure of ['low_battery', 'alarm.leak_a', 'tamper.b', 'battery_level', 'battery_voltage']) {
    assert.deepEqual(offered(measure, 'state'), ['PT1H', 'P1D']);
    assert.deepEqual(offered(measure, 'state', ['PT15M', 'P1D-CET', 'PT1H']), ['PT1H', 'P1D-CET', 'P1D']);
  }
  assert.deepEqual(offered('temperature.device', 'gauge', ['PT1M', 'PT1H/PT10M']), ['PT1M', 'PT15M', 'PT1H', 'P1D']);
});

test('values carry the unit people know', () => {
  assert.equal(plain(valueText('temperature', 21.25, 'Cel')), '21.3 °C');
  assert.equal(valueText('parking_occupied', 1, ''), 'occupied');
  assert.equal(plain(valueText('water_volume', 12.5, 'm3')), '12.500 m³');
  assert.equal(plain(valueText('unheard_of', 3, 'furlong')), '3 furlong');
  language.set('de');
  assert.equal(plain(valueText('temperature', -0.5, 'Cel')), '-0,5 °C');
  assert.equal(integer(12345), '12.345');
  assert.equal(plain(percent(0.5)), '50 %');
});

test('measures have names, unknown ones keep theirs', () => {
  assert.equal(measureName('temperature.external'), 'Temperature (external)');
  assert.equal(measureName('temperature.2'), 'Temperature (2)');
  assert.equal(measureName('some_new_thing'), 'some new thing');
});

test('decoded messages become short pairs with all their digits', () => {
  assert.deepEqual(
    readings({ temperature: 23.4, humidity: 51, parking: { occupied: true }, volumes: [1, 2, 3, 4, 5] }).map(
      ({ name, value }) => plain(`${name}=${value}`),
    ),
    ['Temperature=23.4 °C', 'Humidity=51 %', 'Occupancy=occupied', 'Hourly volumes=1, 2, 3, 4 …'],
  );
  assert.deepEqual(
    readings({ occupancy: 'OCCUPIED', alarm: 'WATER_LEAK', name: 'Raum A' }).map(({ value }) => value),
    ['occupied', 'water leak', 'Raum A'],
  );
  assert.deepEqual(readings(null), []);
  assert.equal(readings(Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`f${i}`, i]))).length, 12);
  let deep: unknown = 1;
  for (let i = 0; i < 10_000; i += 1) deep = { deep };
  assert.deepEqual(readings(deep), []);
});

test('one line tells what a message is mostly about', () => {
  const meter = { basic: { time: 1764000000, alarm: 'NO_ALARM', low_battery: false, volume: 384556, volumes: [1, 2] } };
  assert.equal(frameText({ type: 'uplink', decoded: meter }), 'Volume 384,556');
  assert.equal(frameText({ type: 'uplink', decoded: { hitherto: 1, unknown: true } }), 'hitherto 1 · unknown: yes');
});

test('frames read as one line', () => {
  assert.equal(plain(frameText({ type: 'uplink', decoded: { temperature: 23.4 } })), 'Temperature 23.4 °C');
  assert.equal(frameText({ type: 'uplink', payload: '0a0b', decoded: null }), 'not decoded (2 B)');
  assert.equal(
    frameText({ type: 'reception', gateways: [{ gateway_id: 'a' }, { gateway_id: 'b' }], retransmission: true }),
    'heard by 2 gateways, repeated',
  );
  assert.equal(frameText({ type: 'log', code: 'mic', message: 'wrong' }), 'mic: wrong');
  assert.equal(rateText({ type: 'uplink', data_rate: 'SF7BW125' }), 'SF7');
  assert.equal(rateText({ type: 'uplink', data_rate: 'SF7BW250' }), 'SF7 / 250 kHz');
  assert.equal(signalText({ type: 'uplink', rssi: -97, snr: 8.2 }), '-97 dBm / 8.2 dB');
  assert.equal(
    signalText({
      type: 'reception',
      gateways: [
        { gateway_id: 'a', rssi: -110 },
        { gateway_id: 'b', rssi: -80, snr: 9 },
      ],
    }),
    '-80 dBm / 9 dB',
  );
  assert.ok(searchText({ type: 'uplink', payload: 'AB12' }, 'Raum 7', 'Menden').includes('raum 7 menden ab12'));
});

test('times are the region’s, with the zone, because October has an hour twice', () => {
  assert.match(windowLabel('2026-10-25T00:30:00Z', '2026-10-25T00:45:00Z'), /02:30–02:45/);
  assert.match(windowLabel('2026-10-25T01:30:00Z', '2026-10-25T01:45:00Z'), /02:30–02:45/);
  assert.notEqual(
    windowLabel('2026-10-25T00:30:00Z', '2026-10-25T00:45:00Z'),
    windowLabel('2026-10-25T01:30:00Z', '2026-10-25T01:45:00Z'),
  );
  assert.equal(ago('2026-11-24T00:00:00.123456Z', Date.UTC(2026, 10, 24, 0, 0, 30)), '30 s ago');
  assert.equal(ago(null, 0), 'never');
});

test('windows and resolutions', () => {
  assert.deepEqual(['PT1M', 'PT15M', 'PT1H', 'P1D', 'nonsense'].map(durationSeconds), [60, 900, 3600, 86_400, 0]);
  assert.deepEqual(['PT1M', 'PT15M', 'PT1H'].map(resolution), ['1m', '15m', '1h']);
  assert.equal(windowsText(['PT1H', 'PT1M', 'PT15M']), '1 min, 15 min, 1 h');
});

test('routes survive their own encoding', () => {
  const target = href(['series', 'a1', 'temperature.2'], { tenant: 'bad berleburg', empty: '' });
  const { path, query } = parseRoute(target);
  assert.deepEqual(path, ['series', 'a1', 'temperature.2']);
  assert.equal(query.get('tenant'), 'bad berleburg');
  assert.equal(query.has('empty'), false);
  assert.deepEqual(parseRoute('#/%E0%A4%A/x').path, ['%E0%A4%A', 'x']);
});

test('days that are not the local ones have names and resolutions of their own; overlapping windows are known', () => {
  assert.deepEqual(['P1D', 'PT24H', 'P1D-CET', 'P1D-RAIN', 'P1D-GAS'].map(resolution), [
    '1d',
    '24h',
    'day_cet',
    'rain_day',
    'gas_day',
  ]);
  assert.equal(new Set(['P1D', 'PT24H', 'P1D-CET', 'P1D-RAIN', 'P1D-GAS'].map(windowName)).size, 5);
  assert.deepEqual(['PT24H', 'P1D-RAIN'].map(durationSeconds), [86_400, 86_400]);
  assert.deepEqual(['PT1H/PT10M', 'PT1H'].map(overlaps), [true, false]);
  assert.equal(windowsText(['PT1H/PT10M', 'PT15M']), '15 min, 1 h / 10 min');
});

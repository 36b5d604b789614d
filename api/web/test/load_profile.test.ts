import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeterHour } from '../src/api/meters';
import { isMeter, loadProfile, qualityOf } from '../src/format/load_profile';

const row = (fields: Partial<MeterHour>): MeterHour => ({
  start: '2026-11-27T01:00:00.000000Z',
  end: '2026-11-27T02:00:00.000000Z',
  amount: 1,
  estimated: 0,
  interpolated: 0,
  coverage: 1,
  final: true,
  quality: 'W',
  substitute: null,
  ...fields,
});

test('a final window says its quality, a provisional one lets its parts say it', () => {
  assert.equal(qualityOf(row({ quality: 'E' })), 'E');
  const open = { quality: 'P', final: false } as const;
  assert.equal(qualityOf(row({ ...open })), 'W');
  assert.equal(qualityOf(row({ ...open, interpolated: 0.5 })), 'I');
  assert.equal(qualityOf(row({ ...open, interpolated: 0.5, coverage: 0.4 })), 'M');
  assert.equal(qualityOf(row({ ...open, substitute: 'even', coverage: 0 })), 'E');
});

test('an hour without a result is missing', () => {
  const from = Date.parse('2026-11-27T00:00:00Z');
  const hours = loadProfile([row({ quality: 'I' })], from, from + 3 * 3_600_000);
  assert.deepEqual(
    hours.map(({ amount, quality }) => [amount, quality]),
    [
      [null, 'M'],
      [1, 'I'],
      [null, 'M'],
    ],
  );
});

test('meters are counters of what meters count', () => {
  assert.equal(isMeter('pulses.2', 'counter'), true);
  assert.equal(isMeter('energy', 'gauge'), false);
  assert.equal(isMeter('precipitation', 'counter'), false);
});

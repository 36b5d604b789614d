import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AggregateRow, Latest } from '../src/api/types';
import { parkingSites } from '../src/format/parking';
import { midnightBefore } from '../src/format/time';

const now = Date.parse('2026-11-27T12:00:00Z');
const bay = (site: string | null, value: number, hoursAgo = 1): Latest =>
  ({ tenant: 'menden', site, value, time: new Date(now - hoursAgo * 3_600_000).toISOString() }) as Latest;
const midnight = now - 13 * 3_600_000;
// What is known of a bay in several hours, as one row.
const hours = (device: string, site: string | null, occupiedH: number, knownH: number, arrivals: number): AggregateRow =>
  ({
    tenant: 'menden',
    site,
    dev_eui: device,
    occupied_s: occupiedH * 3600,
    known_s: knownH * 3600,
    arrivals,
  }) as AggregateRow;

test('bays are free, occupied or unknown, and nothing else', () => {
  const [site] = parkingSites([bay('p', 0), bay('p', 1), bay('p', 1), bay('p', 1, 25)], [], midnight, now);
  assert.ok(site);
  assert.deepEqual([site.free, site.occupied, site.unknown, site.bays], [1, 2, 1, 4]);
  assert.equal(site.free + site.occupied + site.unknown, site.bays);
  assert.deepEqual([site.occupancy, site.coverage, site.turnover, site.stay], [null, 0, null, null]);
});

test('today: occupancy over the known time, turnover for each known bay, stay for each arrival', () => {
  const [site] = parkingSites([bay('p', 1), bay('p', 0)], [hours('1', 'p', 2, 6, 1), hours('1', 'p', 4, 7, 2), hours('2', 'p', 0, 6.5, 0)], midnight, now);
  assert.ok(site);
  assert.equal(site.occupancy, 6 / 19.5);
  assert.equal(site.coverage, 0.75);
  assert.equal(site.arrivals, 3);
  assert.equal(site.turnover, 1.5);
  assert.equal(site.stay, 2 * 3600);
});

test('occupancy = turnover × stay / known time of a bay', () => {
  const [site] = parkingSites([bay('p', 1), bay('p', 0)], [hours('1', 'p', 6, 13, 4), hours('2', 'p', 3, 13, 2)], midnight, now);
  assert.ok(site && site.turnover !== null && site.stay !== null && site.occupancy !== null);
  assert.ok(Math.abs(site.occupancy - (site.turnover * site.stay) / (13 * 3600)) < 1e-12);
});

test('a bay of which nothing is known today lowers the coverage, not the occupancy', () => {
  const [site] = parkingSites([bay('p', 1), bay('p', 0, 30)], [hours('1', 'p', 13, 13, 1), hours('2', 'p', 0, 0, 0)], midnight, now);
  assert.ok(site);
  assert.equal(site.occupancy, 1);
  assert.equal(site.coverage, 0.5);
  assert.equal(site.turnover, 1);
});

test('sites are apart and sorted; days of sites without a bay are left out', () => {
  const sites = parkingSites([bay('z', 1), bay('a', 0), bay(null, 0)], [hours('1', 'gone', 1, 1, 1)], midnight, now);
  assert.deepEqual(
    sites.map(({ site, bays }) => [site, bays]),
    [
      [null, 1],
      ['a', 1],
      ['z', 1],
    ],
  );
});

test('a day begins at local midnight, whatever the clock does', () => {
  const begins = (now: string): string => new Date(midnightBefore(Date.parse(now))).toISOString();
  assert.equal(begins('2026-11-27T12:34:56.789Z'), '2026-11-26T23:00:00.000Z');
  assert.equal(begins('2026-11-26T23:00:00Z'), '2026-11-26T23:00:00.000Z');
  assert.equal(begins('2026-11-26T22:59:59Z'), '2026-11-25T23:00:00.000Z');
  assert.equal(begins('2026-03-29T10:00:00Z'), '2026-03-28T23:00:00.000Z');
  assert.equal(begins('2026-03-28T23:30:00Z'), '2026-03-28T23:00:00.000Z');
  assert.equal(begins('2026-10-25T11:00:00Z'), '2026-10-24T22:00:00.000Z');
  assert.equal(begins('2026-10-25T01:30:00Z'), '2026-10-24T22:00:00.000Z');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, drawnValue, shapeOf, split } from '../src/plot/rows';
import { reaching } from '../src/plot/scale';
import { windowAt } from '../src/plot/draw_index';
import { parkingByTown, temperatureByTown } from '../src/format/town_figures';
import type { AggregateRow, Latest } from '../src/api/types';

const base = Date.UTC(2026, 10, 24, 0, 0, 0);

function row(index: number, change: Partial<AggregateRow> = {}): AggregateRow {
  const start = base + index * 900_000;
  return {
    tenant: 'menden',
    site: null,
    dev_eui: 'a1',
    device: 'Raum',
    measure: 'temperature',
    unit: 'Cel',
    kind: 'gauge',
    window: 'PT15M',
    start: new Date(start).toISOString(),
    end: new Date(start + 900_000).toISOString(),
    count: 2,
    mean: index,
    min: index - 1,
    min_time: null,
    max: index + 1,
    max_time: null,
    sum: 2 * index,
    occupied_share: null,
    occupied_s: null,
    known_s: null,
    arrivals: null,
    transitions: null,
    estimated: null,
    resets: null,
    coverage: 1,
    valid: true,
    final: true,
    revision: 0,
    ...change,
  };
}

test('missing windows leave one empty position, so that a gap is a gap', () => {
  const { start, value } = columns([row(0), row(1), row(5)], 'gauge', 'PT15M');
  assert.deepEqual(value, [0, 1, null, 5]);
  assert.equal(start[2], base / 1000 + 2 * 900);
});

test('rows come in any order; the higher revision stays, and final before provisional', () => {
  const { value } = columns(
    [row(1), row(0), row(1, { mean: 7, revision: 1 }), row(0, { mean: 9, final: false })],
    'gauge',
    'PT15M',
  );
  assert.deepEqual(value, [0, 7]);
});

test('no rows, and rows with broken times, draw nothing', () => {
  assert.deepEqual(columns([], 'gauge', 'PT15M').start, []);
  assert.deepEqual(columns([row(0, { start: 'never' })], 'gauge', 'PT15M').start, []);
});

test('provisional windows are a line of their own that begins at the last final point', () => {
  const { value, rows } = columns([row(0), row(1), row(2, { final: false })], 'gauge', 'PT15M');
  assert.deepEqual(split(value, rows, true), { final: [0, 1, null], provisional: [null, 1, 2] });
  assert.deepEqual(split(value, rows, false), { final: [0, 1, null], provisional: [null, null, 2] });
});

test('kinds choose what is drawn', () => {
  assert.equal(shapeOf('gauge'), 'gauge');
  assert.equal(shapeOf('STATE'), 'state');
  assert.equal(shapeOf('event'), 'sum');
  assert.equal(drawnValue(row(3), 'gauge'), 3);
  assert.equal(drawnValue(row(3, { mean: null, occupied_share: 0.5 }), 'state'), 0.5);
});

test('a time finds its window, but not in a gap nor outside', () => {
  const data = columns([row(0), row(1), row(5)], 'gauge', 'PT15M');
  const at = (index: number): number | null => windowAt(data, base / 1000 + index * 900 + 10);
  assert.deepEqual([at(-1), at(0), at(1), at(3), at(5), at(6)], [null, 0, 1, null, 3, null]);
});

function latest(measure: string, value: number, hours: number): Latest {
  return {
    tenant: 'soest',
    site: null,
    dev_eui: 'x',
    device: '',
    measure,
    unit: '',
    kind: 'gauge',
    value,
    time: new Date(base - hours * 3_600_000).toISOString(),
    location: null,
  };
}

test('a town’s temperature is the mean of fresh values', () => {
  const values = [latest('temperature', 2, 0), latest('temperature', 10, 1.5), latest('temperature', 99, 3)];
  assert.deepEqual(temperatureByTown(values, base).get('soest'), { mean: 6, min: 2, max: 10, sensors: 2 });
});

test('bays silent for a day are not counted', () => {
  const values = [
    latest('parking_occupied', 1, 1),
    latest('parking_occupied', 0, 2),
    latest('parking_occupied', 1, 25),
  ];
  assert.deepEqual(parkingByTown(values, base).get('soest'), { occupied: 1, total: 2 });
});

test('the scale reaches the next threshold once the values are half way to it', () => {
  const lines = [{ value: 1.1 }, { value: 1.6 }, { value: 2.1 }];
  assert.deepEqual(reaching(0.2, 0.4, lines), [0.2, 0.4]);
  assert.deepEqual(reaching(0.2, 0.6, lines), [0.2, 1.1]);
  assert.deepEqual(reaching(0.2, 1.2, lines), [0.2, 1.6]);
  assert.deepEqual(reaching(0.2, 2.5, lines), [0.2, 2.5]);
  assert.deepEqual(reaching(null, null, lines), [null, null]);
});

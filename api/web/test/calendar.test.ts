import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AggregateRow, Indicator } from '../src/api/types';
import { calendarOf, dateOf, datesBetween } from '../src/format/calendar';

function says(name: string, value: number, valid: boolean | null = true): Indicator {
  return { name, value, unit: '', level: null, valid, version: 1, indicative: false };
}

function day(start: string, indicators: Indicator[]): AggregateRow {
  return { start, end: start, indicators } as AggregateRow;
}

test('a local day has its date on both days of a change of clocks', () => {
  assert.equal(dateOf('2026-03-28T23:00:00.000000Z'), '2026-03-29');
  assert.equal(dateOf('2026-10-24T22:00:00.000000Z'), '2026-10-25');
  assert.equal(dateOf('2026-07-14T22:00:00.000000Z'), '2026-07-15');
});

test('a year has all its days, those without a result, too', () => {
  assert.deepEqual(calendarOf([], 2028).map((month) => month.length), [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
  assert.equal(calendarOf([], 2026).flat().length, 365);
});

test('a day is what is worst about it; an uncovered day is not sure, and a day of another year is none', () => {
  const months = calendarOf(
    [
      day('2026-06-30T22:00:00Z', [says('summer_day', 1), says('hot_day', 1), says('frost_day', 0), says('ice_day', 0)]),
      day('2026-07-01T22:00:00Z', [says('summer_day', 1), says('hot_day', 0, false)]),
      day('2026-07-02T22:00:00Z', [says('summer_day', 0, false), says('frost_day', 0)]),
      day('2026-01-09T23:00:00Z', [says('frost_day', 1), says('ice_day', 1, null)]),
      day('2025-12-30T23:00:00Z', [says('frost_day', 1)]),
    ],
    2026,
  );
  const at = (date: string) => months.flat().find((each) => each.date === date);
  assert.deepEqual([at('2026-07-01')?.kind, at('2026-07-01')?.sure], ['hot', true]);
  assert.deepEqual([at('2026-07-02')?.kind, at('2026-07-02')?.sure], ['summer', true]);
  assert.deepEqual([at('2026-07-03')?.kind, at('2026-07-03')?.sure], ['none', false]);
  assert.deepEqual([at('2026-01-10')?.kind, at('2026-01-10')?.sure], ['ice', false]);
  assert.equal(months.flat().filter(({ row }) => row !== null).length, 4);
});

test('a tropical night is of the day on which it ends, also where the day has no result', () => {
  const days = calendarOf([], 2026, ['2026-07-02', '2025-07-03']);
  assert.deepEqual(
    days.flat().filter(({ tropical }) => tropical).map(({ date }) => date),
    ['2026-07-02'],
  );
});

test('dates between two, both of them among them', () => {
  assert.deepEqual(datesBetween('2026-02-27', '2026-03-01'), ['2026-02-27', '2026-02-28', '2026-03-01']);
  assert.deepEqual(datesBetween('', ''), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monthAfter, monthOf, monthText, spanOfMonth } from '../src/format/months';
import { ahead } from '../src/format/time';
import { language } from '../src/i18n';

language.set('de');

const now = { year: 2026, month: 11 };

test('a month in an address, or the one that is meant without it', () => {
  assert.deepEqual(monthOf('2026-03', now), { year: 2026, month: 3 });
  for (const text of [null, '', '2026', '2026-13', '2026-00', '1999-12', 'x']) assert.deepEqual(monthOf(text, now), now, String(text));
  assert.equal(monthText({ year: 2026, month: 3 }), '2026-03');
});

test('months follow each other over years', () => {
  assert.deepEqual(monthAfter({ year: 2026, month: 12 }, 1), { year: 2027, month: 1 });
  assert.deepEqual(monthAfter({ year: 2026, month: 1 }, -1), { year: 2025, month: 12 });
});

test('a month lasts from midnight to midnight of the region, also when clocks are changed in it', () => {
  const span = (month: number): string[] => Object.values(spanOfMonth({ year: 2026, month })).map((ms) => new Date(ms).toISOString());
  assert.deepEqual(span(1), ['2025-12-31T23:00:00.000Z', '2026-01-31T23:00:00.000Z']);
  assert.deepEqual(span(3), ['2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z']);
  assert.deepEqual(span(10), ['2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z']);
});

test('how long it is until then', () => {
  const at = Date.parse('2026-11-24T00:00:00Z');
  const after = (minutes: number): string => ahead(at + minutes * 60_000, at);
  assert.deepEqual([-5, 0].map(after), ['jetzt', 'jetzt']);
  assert.deepEqual([1, 89, 90, 47 * 60, 48 * 60].map(after), ['in 1 min', 'in 89 min', 'in 2 h', 'in 47 h', 'in 2 d']);
  assert.equal(after(4 * 365 * 24 * 60), 'in 4 Jahren');
});

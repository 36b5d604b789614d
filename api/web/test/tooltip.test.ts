import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AggregateRow } from '../src/api/types';
import { text } from '../src/i18n';
import { coverageText, describe } from '../src/plot/tooltip';

const row = (change: Partial<AggregateRow>): AggregateRow =>
  ({
    kind: 'gauge',
    measure: 'temperature',
    unit: 'Cel',
    start: '2026-11-27T10:00:00Z',
    end: '2026-11-27T11:00:00Z',
    mean: 20,
    min: null,
    max: null,
    count: 4,
    coverage: 1,
    valid: true,
    final: true,
    revision: 0,
    quality: null,
    ...change,
  }) as AggregateRow;

test('a window says how much of it is covered, also that nobody knows', () => {
  assert.ok(!coverageText(row({})).includes(text('plot.invalid')));
  assert.ok(coverageText(row({ coverage: 0.5, valid: false })).endsWith(text('plot.invalid')));
  assert.equal(coverageText(row({ coverage: null, valid: null })), text('plot.unknown'));
});

test('a meter’s window says its quality; provisional is said once', () => {
  const lines = (quality: AggregateRow['quality']): string[] => describe(row({ kind: 'counter', quality })).lines;
  assert.ok(lines('E').includes(text('quality.E')));
  assert.ok(!lines('P').includes(text('quality.P')));
  assert.ok(!lines(null).some((line) => line.startsWith('quality.')));
});

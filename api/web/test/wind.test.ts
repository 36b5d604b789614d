import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compassPoint } from '../src/format/wind';

test('a direction has the nearest point of the compass', () => {
  for (const [degrees, point] of [
    [0, 'n'],
    [22.4, 'n'],
    [22.6, 'ne'],
    [90, 'e'],
    [224, 'sw'],
    [337.6, 'n'],
    [360, 'n'],
  ] as const)
    assert.equal(compassPoint(degrees), `wind.point.${point}`, String(degrees));
});

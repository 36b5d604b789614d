import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  availabilityHealth,
  dutyHealth,
  factorShares,
  foreignShare,
  fullestBand,
  lossHealth,
  marginHealth,
  usualFactor,
} from '../src/format/network';

test('transmissions by spreading factor are shares of all', () => {
  const shares = factorShares([3, 0, 0, 0, 0, 1]);
  assert.deepEqual(shares[0], { factor: 7, count: 3, share: 0.75 });
  assert.deepEqual(shares[5], { factor: 12, count: 1, share: 0.25 });
  assert.deepEqual(factorShares([0, 0, 0, 0, 0, 0]), []);
  assert.deepEqual(factorShares([]), []);
});

test('the usual spreading factor is the most frequent, of two alike the faster one', () => {
  assert.equal(usualFactor([0, 2, 1, 2, 0, 0]), 8);
  assert.equal(usualFactor([0, 0, 0, 0, 0, 0]), null);
  assert.equal(usualFactor([]), null);
});

test('what is not known is neither good nor bad', () => {
  for (const judge of [lossHealth, marginHealth, availabilityHealth]) assert.equal(judge(null), null);
  assert.deepEqual([0, 0.03, 0.031, 0.1, 0.11].map(lossHealth), ['good', 'good', 'fair', 'fair', 'poor']);
  assert.deepEqual([-2, 2.9, 3, 8].map(marginHealth), ['poor', 'poor', 'fair', 'good']);
  assert.deepEqual([0.5, 0.95, 0.989, 0.99].map(availabilityHealth), ['poor', 'fair', 'fair', 'good']);
});

test('of sub-bands the fullest is told, and what belongs to other networks', () => {
  const bands = [{ used: null }, { used: 0.2 }, { used: 0.93 }, { used: 0.1 }];
  assert.deepEqual(fullestBand(bands), { used: 0.93 });
  assert.equal(fullestBand([{ used: null }, { used: 0 }]), null);
  assert.equal(dutyHealth(0.93), 'poor');
  assert.equal(dutyHealth(0.5), 'fair');
  assert.equal(dutyHealth(null), null);
  assert.equal(foreignShare({ frames: 30, foreign_frames: 10 }), 0.25);
  assert.equal(foreignShare({ frames: 0, foreign_frames: 0 }), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchRoute, parseRoute } from '../src/router';
import { patterns } from '../src/routes';

const found = (hash: string) => matchRoute(parseRoute(hash).path);

test('an address names its view, with what stands in it', () => {
  assert.deepEqual(found('#/'), { pattern: '', at: {} });
  assert.deepEqual(found('#/devices'), { pattern: 'devices', at: {} });
  assert.deepEqual(found('#/devices/0a0b?x=1'), { pattern: 'devices/:eui', at: { eui: '0a0b' } });
  assert.deepEqual(found('#/series/0a/temperature.external'), {
    pattern: 'series/:eui/:measure',
    at: { eui: '0a', measure: 'temperature.external' },
  });
});

test('an address that is none names no view', () => {
  for (const hash of ['#/nowhere', '#/devices/a/b', '#/towns/nothing', '#/series/a', '#/gateways']) {
    assert.equal(found(hash), null, hash);
  }
});

test('no view is listed twice', () => {
  assert.equal(new Set(patterns).size, patterns.length);
});

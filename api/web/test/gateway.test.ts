import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AggregateRow } from '../src/api/types';
import { gatewayHours } from '../src/format/gateway_hours';

const row = (measure: string, hour: number, sum: number): AggregateRow =>
  ({
    measure,
    start: `2026-11-27T0${hour}:00:00.000000Z`,
    end: `2026-11-27T0${hour + 1}:00:00.000000Z`,
    sum,
  }) as AggregateRow;

test('a gateway’s four series become one line an hour, the newest first', () => {
  const hours = gatewayHours([
    row('gateway_uplink_airtime', 1, 61.5),
    row('gateway_uplink_airtime', 2, 70),
    row('gateway_uplinks', 1, 900),
    row('gateway_downlinks', 2, 3),
    row('temperature', 2, 21),
  ]);
  assert.deepEqual(
    hours.map(({ start, sums }) => [start.slice(11, 13), ...sums]),
    [
      ['02', 70, null, null, 3],
      ['01', 61.5, 900, null, null],
    ],
  );
});

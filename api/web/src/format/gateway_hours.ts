import type { AggregateRow } from '../api/types';
import { instant } from './time';

// What the network server measures of a gateway: time on the air and frames, heard and sent.
export const gatewayAirtime = [
  'gateway_uplink_airtime',
  'gateway_uplinks',
  'gateway_downlink_airtime',
  'gateway_downlinks',
] as const;

export interface GatewayHour {
  start: string;
  end: string;
  // In the order of gatewayAirtime; null where nothing was.
  sums: (number | null)[];
}

// Windows of the four series, one line for each hour, the newest first.
export function gatewayHours(rows: readonly AggregateRow[]): GatewayHour[] {
  const hours = new Map<string, GatewayHour>();
  for (const { start, end, measure, sum } of rows) {
    const at = gatewayAirtime.findIndex((name) => name === measure);
    if (at < 0) continue;
    const hour = hours.get(start) ?? { start, end, sums: gatewayAirtime.map(() => null) };
    hour.sums[at] = sum;
    hours.set(start, hour);
  }
  return [...hours.values()].sort((a, b) => instant(b.start) - instant(a.start));
}

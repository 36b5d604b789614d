import { getAll, type Collected } from './client';
import type { AggregateRow, Series } from './types';

const mostOfDevice = 1_000;

export async function seriesOfDevice(tenant: string, devEui: string, signal: AbortSignal): Promise<Series[]> {
  const { items } = await getAll<Series>('series', { tenant, device: devEui, limit: 1000 }, mostOfDevice, { signal });
  return items.sort((a, b) => a.measure.localeCompare(b.measure));
}

export interface WindowQuery {
  tenant: string;
  device: string;
  measure: string;
  res: string;
  from: string;
  to: string;
}

export async function windowsOf(
  query: WindowQuery,
  most: number,
  signal: AbortSignal,
): Promise<Collected<AggregateRow>> {
  return getAll<AggregateRow>('agg', { ...query, limit: 2000 }, most, { signal, timeoutMs: 30_000 });
}

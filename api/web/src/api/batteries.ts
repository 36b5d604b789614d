import { getJson } from './client';
import type { Place } from './utilisation';

export interface Battery {
  tenant: string;
  site: string | null;
  dev_eui: string;
  device: string;
  level: number;
  time: string;
  slope_per_day: number | null;
  empty: string | null;
}

export const mostBatteries = 200; // of one answer

export async function batteriesOf(place: Place, signal: AbortSignal): Promise<Battery[]> {
  return (await getJson<{ items: Battery[] }>('batteries', { ...place }, { signal, timeoutMs: 30_000 })).items;
}

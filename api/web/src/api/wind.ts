import { getJson } from './client';
import type { Page } from './types';

// The wind of windows (/v1/wind) and rain events (/v1/rain-events) of one station.

export interface WindWindow {
  start: string;
  end: string;
  mean: number;
  direction: number | null; // degrees: where it comes from
  highest: number;
  gust: number | null;
  valid: boolean | null;
}

export interface Wind {
  unit: string;
  windows: WindWindow[];
}

export interface RainEvent {
  start: string;
  end: string;
  sum: number;
  duration_h: number;
  rain_h: number;
  intensity: number; // mm/h
  intensity_start: string;
  valid: boolean | null;
}

interface Asked {
  tenant: string;
  device: string;
  from: string;
}

export async function windOf(query: Asked, signal: AbortSignal): Promise<Wind | null> {
  const { items } = await getJson<Page<Wind>>('wind', { ...query }, { signal });
  return items[0] ?? null;
}

export async function rainEventsOf(query: Asked, signal: AbortSignal): Promise<RainEvent[]> {
  const { items } = await getJson<Page<{ events: RainEvent[] }>>('rain-events', { ...query }, { signal });
  return items[0]?.events ?? [];
}

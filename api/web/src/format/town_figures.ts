import type { Latest } from '../api/types';
import { instant } from './time';

export interface TownTemperature {
  mean: number;
  min: number;
  max: number;
  sensors: number;
}

export interface TownParking {
  occupied: number;
  total: number;
}

const hourMs = 3_600_000;

// Each sensor counts once, with its newest value; what is older than two hours is not "now".
export function temperatureByTown(values: readonly Latest[], now: number): Map<string, TownTemperature> {
  const result = new Map<string, TownTemperature>();
  for (const { tenant, value, time } of values) {
    if (now - instant(time) > 2 * hourMs) continue;
    const old = result.get(tenant) ?? { mean: 0, min: value, max: value, sensors: 0 };
    const sensors = old.sensors + 1;
    result.set(tenant, {
      sensors,
      mean: old.mean + (value - old.mean) / sensors,
      min: Math.min(old.min, value),
      max: Math.max(old.max, value),
    });
  }
  return result;
}

// Bays that were silent for a day are unknown, neither occupied nor free.
export function parkingByTown(values: readonly Latest[], now: number): Map<string, TownParking> {
  const result = new Map<string, TownParking>();
  for (const { tenant, value, time } of values) {
    if (now - instant(time) > 24 * hourMs) continue;
    const old = result.get(tenant) ?? { occupied: 0, total: 0 };
    result.set(tenant, { occupied: old.occupied + (value > 0 ? 1 : 0), total: old.total + 1 });
  }
  return result;
}

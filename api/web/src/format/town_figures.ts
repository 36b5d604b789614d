import type { AggregateRow, Latest } from '../api/types';
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

const dayMs = 86_400_000;

// Each sensor counts once, with its newest window: a chatty one does not outweigh.
export function temperatureByTown(rows: readonly AggregateRow[]): Map<string, TownTemperature> {
  const newest = new Map<string, AggregateRow>();
  for (const row of rows) {
    if (row.mean === null) continue;
    const other = newest.get(row.dev_eui);
    if (!other || instant(row.start) > instant(other.start)) newest.set(row.dev_eui, row);
  }
  const result = new Map<string, TownTemperature>();
  for (const { tenant, mean } of newest.values()) {
    if (mean === null) continue;
    const old = result.get(tenant) ?? { mean: 0, min: mean, max: mean, sensors: 0 };
    const sensors = old.sensors + 1;
    result.set(tenant, {
      sensors,
      mean: old.mean + (mean - old.mean) / sensors,
      min: Math.min(old.min, mean),
      max: Math.max(old.max, mean),
    });
  }
  return result;
}

// Bays that were silent for a day are unknown, neither occupied nor free.
export function parkingByTown(values: readonly Latest[], now: number): Map<string, TownParking> {
  const result = new Map<string, TownParking>();
  for (const { tenant, value, time } of values) {
    if (now - instant(time) > dayMs) continue;
    const old = result.get(tenant) ?? { occupied: 0, total: 0 };
    result.set(tenant, { occupied: old.occupied + (value > 0 ? 1 : 0), total: old.total + 1 });
  }
  return result;
}

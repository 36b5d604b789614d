import type { AggregateRow } from '../api/types';
import { instant } from './time';

// The load profile of a meter: one place for each hour, with how good its amount is.
export type Quality = 'W' | 'I' | 'E' | 'M';

export interface ProfileHour {
  start: number; // ms
  amount: number | null;
  quality: Quality;
  final: boolean;
}

// Quantities that meters count. Their windows wait two days for readings.
const meters = ['energy', 'gas_volume', 'heat_energy', 'pulses', 'water_volume'];

export function isMeter(measure: string, kind: string): boolean {
  return kind === 'counter' && meters.includes(measure.split('.')[0] ?? measure);
}

// A provisional window says P for all: what is known of it so far is told by its parts.
export function qualityOf(row: AggregateRow): Quality {
  if (row.quality && row.quality !== 'P') return row.quality;
  if ((row.estimated ?? 0) !== 0) return 'E';
  if ((row.coverage ?? 0) < 1) return 'M';
  return (row.interpolated ?? 0) !== 0 ? 'I' : 'W';
}

const hourMs = 3_600_000;
const mostHours = 24 * 31;

// Hours without a result are missing ones.
export function loadProfile(rows: readonly AggregateRow[], from: number, to: number): ProfileHour[] {
  const byStart = new Map(rows.map((row) => [instant(row.start), row]));
  const hours: ProfileHour[] = [];
  for (let start = from; start < to && hours.length < mostHours; start += hourMs) {
    const row = byStart.get(start);
    hours.push({
      start,
      amount: row ? row.sum : null,
      quality: row ? qualityOf(row) : 'M',
      final: row?.final ?? false,
    });
  }
  return hours;
}

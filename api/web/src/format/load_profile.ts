import type { MeterHour, Substitute } from '../api/meters';
import { instant } from './time';

// The load profile of a meter: one place for each hour, with how good its amount is.
export type Quality = 'W' | 'I' | 'E' | 'M';

export interface ProfileHour {
  start: number; // ms
  amount: number | null;
  quality: Quality;
  substitute: Substitute;
  final: boolean;
}

// Quantities that meters count. Their windows wait two days for readings.
const meters = ['energy', 'gas_volume', 'heat_energy', 'pulses', 'water_volume'];

export function isMeter(measure: string, kind: string): boolean {
  return kind === 'counter' && meters.includes(measure.split('.')[0] ?? measure);
}

// A provisional window says P for all: what is known of it so far is told by its parts.
export function qualityOf(hour: MeterHour): Quality {
  if (hour.quality !== 'P') return hour.quality;
  if (hour.substitute !== null) return 'E';
  if (hour.coverage < 1) return 'M';
  return hour.interpolated !== 0 ? 'I' : 'W';
}

const hourMs = 3_600_000;
const mostHours = 24 * 31 + 1; // October has an hour more

// Hours without a result are missing ones.
export function loadProfile(known: readonly MeterHour[], from: number, to: number): ProfileHour[] {
  const byStart = new Map(known.map((hour) => [instant(hour.start), hour]));
  const hours: ProfileHour[] = [];
  for (let start = from; start < to && hours.length < mostHours; start += hourMs) {
    const hour = byStart.get(start);
    hours.push({
      start,
      amount: hour ? hour.amount : null,
      quality: hour ? qualityOf(hour) : 'M',
      substitute: hour?.substitute ?? null,
      final: hour?.final ?? false,
    });
  }
  return hours;
}

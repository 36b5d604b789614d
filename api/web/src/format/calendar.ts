import type { AggregateRow } from '../api/types';
import { instant, timeZone } from './time';

// A year of days by what they were: one place for each date, also for those of which nothing is known.
export type DayKind = 'hot' | 'summer' | 'ice' | 'frost' | 'none';

export interface CalendarDay {
  date: string; // 2026-07-01
  row: AggregateRow | null;
  kind: DayKind;
  // Whether the kind is sure: enough is covered, or one sample decided it.
  sure: boolean;
  // The night that ended on it was tropical.
  tropical: boolean;
}

const kinds: readonly [indicator: string, kind: DayKind][] = [
  ['hot_day', 'hot'],
  ['summer_day', 'summer'],
  ['ice_day', 'ice'],
  ['frost_day', 'frost'],
];

const dates = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });

// The date of the local day that begins then; noon is far from every change of clocks.
export function dateOf(start: string): string {
  return dates.format(instant(start) + 12 * 3_600_000);
}

// All dates from one to another, both of them among them; of a year at most.
export function datesBetween(first: string, last: string): string[] {
  const dayMs = 86_400_000;
  const dates: string[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last) && dates.length < 366; at += dayMs)
    dates.push(new Date(at).toISOString().slice(0, 10));
  return dates;
}

function kindOf(row: AggregateRow): { kind: DayKind; sure: boolean } {
  const indicators = row.indicators ?? [];
  for (const [name, kind] of kinds) {
    const found = indicators.find((indicator) => indicator.name === name);
    if (found && found.value > 0) return { kind, sure: found.valid === true };
  }
  const asked = indicators.filter(({ name }) => kinds.some(([known]) => known === name));
  return { kind: 'none', sure: asked.length > 0 && asked.every(({ valid }) => valid === true) };
}

// Twelve months of days. Rows may come in any order, and of other years, too; `nights` are dates of tropical ones.
export function calendarOf(rows: readonly AggregateRow[], year: number, nights: readonly string[] = []): CalendarDay[][] {
  const warm = new Set(nights);
  const byDate = new Map(rows.map((row) => [dateOf(row.start), row]));
  return Array.from({ length: 12 }, (_, month) => {
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    return Array.from({ length }, (__, day) => {
      const date = new Date(Date.UTC(year, month, day + 1)).toISOString().slice(0, 10);
      const row = byDate.get(date) ?? null;
      return { date, row, tropical: warm.has(date), ...(row ? kindOf(row) : { kind: 'none' as const, sure: false }) };
    });
  });
}

import { monthStart } from './time';

// A month of a year, as addresses and month fields write it: 2026-07.
export interface Month {
  year: number;
  month: number; // 1 to 12
}

export function monthOf(text: string | null, otherwise: Month): Month {
  const match = /^(\d{4})-(\d{2})$/.exec(text ?? '');
  const [, year = '', month = ''] = match ?? [];
  const found = { year: Number(year), month: Number(month) };
  return found.year >= 2000 && found.month >= 1 && found.month <= 12 ? found : otherwise;
}

export function monthText({ year, month }: Month): string {
  return `${year}-${String(month).padStart(2, '0')}`;
}

export function monthAfter({ year, month }: Month, by: number): Month {
  const at = year * 12 + month - 1 + by;
  return { year: Math.floor(at / 12), month: (at % 12) + 1 };
}

// From its first midnight of the region to the next month's, in ms.
export function spanOfMonth(of: Month): { from: number; to: number } {
  const next = monthAfter(of, 1);
  return { from: monthStart(of.year, of.month), to: monthStart(next.year, next.month) };
}

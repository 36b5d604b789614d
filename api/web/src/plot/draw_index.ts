import type { Columns } from './rows';

// Which window a time belongs to; null in a gap and outside.
export function windowAt(columns: Columns, seconds: number): number | null {
  let low = 0;
  let high = columns.start.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((columns.start[middle] ?? 0) <= seconds) low = middle + 1;
    else high = middle - 1;
  }
  const start = columns.start[high];
  if (start === undefined || seconds >= start + columns.step || !columns.rows[high]) return null;
  return high;
}

// The window `by` steps on, over gaps; at the ends it stays.
export function stepFrom(columns: Columns, current: number | null, by: number): number | null {
  const last = columns.rows.length - 1;
  let index = current === null ? (by < 0 ? last : 0) : current + by;
  while (index >= 0 && index <= last && !columns.rows[index]) index += by < 0 ? -1 : 1;
  return index < 0 || index > last ? current : index;
}

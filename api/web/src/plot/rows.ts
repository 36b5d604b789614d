import { durationSeconds, instant } from '../format/time';
import type { AggregateRow } from '../api/types';

// Rows of one series as columns: one position per window, also for windows that are missing between two rows, so that
// a gap is drawn as a gap.
export type Shape = 'gauge' | 'state' | 'sum';

export interface Columns {
  shape: Shape;
  step: number;
  start: number[];
  rows: (AggregateRow | null)[];
  // The drawn value: mean, occupied share or sum.
  value: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
  coverage: (number | null)[];
}

export const maxWindows = 12_000;

export function shapeOf(kind: string): Shape {
  const name = kind.toLowerCase().replace(/^kind_/, '');
  if (name === 'state') return 'state';
  if (name === 'counter' || name === 'event') return 'sum';
  return 'gauge';
}

export function drawnValue(row: AggregateRow, shape: Shape): number | null {
  if (shape === 'state') return row.occupied_share;
  if (shape === 'sum') return row.sum;
  return row.mean;
}

// Times are Unix seconds, as the plot wants them. Rows may come in any order; of two for one window the higher
// revision stays, and a final one before a provisional one.
export function columns(rows: readonly AggregateRow[], shape: Shape, window: string): Columns {
  const step = durationSeconds(window) || 900;
  const byStart = new Map<number, AggregateRow>();
  for (const row of rows) {
    const start = instant(row.start) / 1000;
    if (!Number.isFinite(start)) continue;
    const other = byStart.get(start);
    if (!other || rank(row) >= rank(other)) byStart.set(start, row);
  }
  const starts = [...byStart.keys()].sort((a, b) => a - b);
  const result: Columns = { shape, step, start: [], rows: [], value: [], min: [], max: [], coverage: [] };
  let expected: number | null = null;
  for (const start of starts) {
    // One empty position is enough to break the line, however long the gap is.
    if (expected !== null && start > expected + step / 2) push(result, expected, null);
    push(result, start, byStart.get(start) ?? null);
    expected = start + step;
    if (result.start.length >= maxWindows) break;
  }
  return result;
}

function rank(row: AggregateRow): number {
  return row.revision + (row.final ? 0.5 : 0);
}

function push(to: Columns, start: number, row: AggregateRow | null): void {
  to.start.push(start);
  to.rows.push(row);
  to.value.push(row ? drawnValue(row, to.shape) : null);
  to.min.push(row?.min ?? null);
  to.max.push(row?.max ?? null);
  to.coverage.push(row?.coverage ?? null);
}

// Splits a column into what is final and what is provisional. A line needs the last final point in both, else there
// would be a hole between solid and dashed.
export function split(
  values: readonly (number | null)[],
  rows: readonly (AggregateRow | null)[],
  join: boolean,
): { final: (number | null)[]; provisional: (number | null)[] } {
  const final = values.map((value, i) => (rows[i]?.final ? value : null));
  const provisional = values.map((value, i) => {
    const row = rows[i];
    if (!row) return null;
    if (!row.final) return value;
    const before = rows[i - 1];
    const after = rows[i + 1];
    return join && ((after && !after.final) || (before && !before.final)) ? value : null;
  });
  return { final, provisional };
}

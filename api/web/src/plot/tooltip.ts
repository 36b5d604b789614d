import { text } from '../i18n';
import { clock, windowLabel } from '../format/time';
import { valueText } from '../format/measures';
import { integer, percent } from '../format/numbers';
import type { AggregateRow } from '../api/types';
import { drawnValue, shapeOf } from './rows';

// How much of a window is backed by data; that nobody knows is said, too.
export function coverageText(row: AggregateRow): string {
  if (row.coverage === null) return text('plot.unknown');
  return `${text('plot.coverage')} ${percent(row.coverage)}${row.valid === false ? ` · ${text('plot.invalid')}` : ''}`;
}

// What one window says, line by line: for the tooltip and, read aloud, for screen readers.
export function describe(row: AggregateRow): { head: string; main: string; lines: string[]; state: string } {
  const shape = shapeOf(row.kind);
  const value = drawnValue(row, shape);
  const lines: string[] = [];
  let main = '–';
  if (value !== null) main = shape === 'state' ? percent(value, 1) : valueText(row.measure, value, row.unit);
  if (shape === 'state') {
    if (row.occupied_s !== null && row.known_s !== null) {
      lines.push(`${text('plot.occupied')} ${minutes(row.occupied_s)}, ${text('plot.known')} ${minutes(row.known_s)}`);
    }
    if (row.transitions !== null) lines.push(text('plot.transitions', { n: integer(row.transitions) }));
  } else {
    if (row.min !== null) lines.push(extreme('plot.min', row, row.min, row.min_time));
    if (row.max !== null) lines.push(extreme('plot.max', row, row.max, row.max_time));
    if (row.count !== null && row.members_total === undefined) lines.push(text('plot.count', { n: integer(row.count) }));
  }
  if (row.members_total !== undefined)
    lines.push(text('place.members', { used: integer(row.members_used ?? 0), total: integer(row.members_total) }));
  lines.push(coverageText(row));
  if (row.left_out) lines.push(text('plot.leftout', { n: integer(row.left_out) }));
  if (row.quality && row.quality !== 'P') lines.push(text(`quality.${row.quality}`));
  const revised = row.revision > 0 ? ` · ${text('plot.revision', { n: row.revision })}` : '';
  return {
    head: windowLabel(row.start, row.end),
    main,
    lines,
    state: text(row.final ? 'plot.final' : 'plot.provisional') + revised,
  };
}

function minutes(seconds: number): string {
  return text('unit.minutes', { n: integer(seconds / 60) });
}

function extreme(key: 'plot.min' | 'plot.max', row: AggregateRow, value: number, time: string | null): string {
  const at = time ? ` ${text('plot.at', { time: clock(time) })}` : '';
  return `${text(key)} ${valueText(row.measure, value, row.unit)}${at}`;
}

// A box beside the cursor, filled as text only: names of devices come from outside.
export class Tooltip {
  private readonly box = document.createElement('div');

  constructor(private readonly host: HTMLElement) {
    this.box.className = 'plot-tooltip';
    this.box.hidden = true;
    host.append(this.box);
  }

  show(row: AggregateRow | null, x: number): void {
    if (!row) {
      this.hide();
      return;
    }
    const { head, main, lines, state } = describe(row);
    this.box.replaceChildren(
      part('plot-tooltip-head', head),
      part('plot-tooltip-main', main),
      ...lines.map((line) => part('plot-tooltip-line', line)),
      part(row.final ? 'plot-tooltip-state' : 'plot-tooltip-state provisional', state),
    );
    this.box.hidden = false;
    const room = this.host.clientWidth;
    const width = this.box.offsetWidth;
    const left = x + 14 + width > room ? x - 14 - width : x + 14;
    this.box.style.left = `${Math.max(4, Math.min(left, room - width - 4))}px`;
  }

  hide(): void {
    this.box.hidden = true;
  }

  remove(): void {
    this.box.remove();
  }
}

function part(className: string, content: string): HTMLElement {
  const element = document.createElement('div');
  element.className = className;
  element.textContent = content;
  return element;
}

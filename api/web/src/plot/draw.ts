import uPlot from 'uplot';
import { barPlot } from './bar_plot';
import { coveragePlot } from './coverage_plot';
import { gaugePlot } from './gauge_plot';
import type { Frame, PlotLine } from './options';
import type { Columns } from './rows';
import { Tooltip } from './tooltip';
import { stepFrom, windowAt } from './draw_index';
import { unitSymbol } from '../format/measures';

const stripHeight = 34;
let nextKey = 0;

export interface Drawing {
  resize(width: number): void;
  // Moves the cursor by windows, for the keyboard; says which window it stands on.
  step(by: number): number | null;
  zoomTo(from: number, to: number): void;
  reset(): void;
  destroy(): void;
}

export interface DrawRequest {
  host: HTMLElement;
  columns: Columns;
  unit: string;
  from: number;
  to: number;
  height: number;
  thresholds: readonly PlotLine[];
  // Told when the shown time range changes, and whether it is less than all.
  onZoom: (from: number, to: number, zoomed: boolean) => void;
}

// Plot and coverage strip of one series, with a common cursor, zoom and tooltip.
export function draw(request: DrawRequest): Drawing {
  const { host, columns, from, to } = request;
  const tooltip = new Tooltip(host);
  const syncKey = `lenne-${(nextKey += 1)}`;
  const unit = columns.shape === 'state' ? '' : unitSymbol(request.unit);
  let current: number | null = null;
  let zooming = false;

  const zoom = (source: 'main' | 'strip') => (min: number, max: number) => {
    if (zooming) return;
    zooming = true;
    const other = source === 'main' ? strip : main;
    other?.setScale('x', { min, max });
    zooming = false;
    request.onZoom(min, max, min > from + 1 || max < to - 1);
  };
  const pointer: uPlot.Plugin = {
    hooks: {
      setCursor: (plot) => {
        const { left } = plot.cursor;
        const index = left !== undefined && left >= 0 ? windowAt(columns, plot.posToVal(left, 'x')) : null;
        current = index;
        tooltip.show(index === null ? null : (columns.rows[index] ?? null), (left ?? 0) + plot.over.offsetLeft);
      },
    },
  };
  const frame = (height: number, source: 'main' | 'strip', plugins: uPlot.Plugin[]): Frame => ({
    columns,
    lines: source === 'main' ? request.thresholds : [],
    unit,
    width: host.clientWidth,
    height,
    from,
    to,
    syncKey,
    plugins,
    onZoom: zoom(source),
  });

  let main: uPlot | undefined;
  let strip: uPlot | undefined;
  const top = frame(request.height, 'main', [pointer]);
  const upper = columns.shape === 'gauge' ? gaugePlot(top) : barPlot(top);
  main = new uPlot(upper.options, upper.data, host);
  const lower = coveragePlot(frame(stripHeight, 'strip', []), unit !== '');
  strip = new uPlot(lower.options, lower.data, host);

  // Back to the whole period: uPlot's own double click would fit to the data instead.
  const reset = (): void => {
    main?.setScale('x', { min: from, max: to });
  };
  const doubleClick = (): void => void setTimeout(reset, 0);
  host.addEventListener('dblclick', doubleClick);

  return {
    resize(width) {
      main?.setSize({ width, height: request.height });
      strip?.setSize({ width, height: stripHeight });
    },
    step(by) {
      if (!main || columns.rows.length === 0) return null;
      const next = stepFrom(columns, current, by);
      if (next === null) return null;
      const start = columns.start[next] ?? from;
      const left = main.valToPos(start + columns.step / 2, 'x');
      if (left < 0 || left > main.over.clientWidth) reset();
      main.setCursor({ left: main.valToPos(start + columns.step / 2, 'x'), top: 10 });
      current = next;
      return next;
    },
    zoomTo: (min, max) => main?.setScale('x', { min, max }),
    reset,
    destroy() {
      host.removeEventListener('dblclick', doubleClick);
      main?.destroy();
      strip?.destroy();
      tooltip.remove();
    },
  };
}

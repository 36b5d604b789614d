import uPlot from 'uplot';
import { decimal, percent } from '../format/numbers';
import { day, minute, timeZone } from '../format/time';
import { cssColour } from './theme';
import type { Columns } from './rows';

const font = '12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
export const axisWidth = 58;

const zoned = (seconds: number): Date => uPlot.tzDate(new Date(seconds * 1000), timeZone);

// Hours where the ticks are hours, days where they are days; the day appears once below its first hour.
export function timeLabels(ticks: number[]): string[] {
  let before = '';
  return ticks.map((tick) => {
    const date = day(tick * 1000);
    const hour = minute(tick * 1000);
    const first = date !== before;
    before = date;
    return first ? `${hour}\n${date}` : hour;
  });
}

function axes(columns: Columns, unit: string, withTime: boolean): uPlot.Axis[] {
  const ink = cssColour('--ink-2');
  const grid = { stroke: cssColour('--line'), width: 1 };
  const y: uPlot.Axis = {
    stroke: ink,
    font,
    grid,
    ticks: { show: false },
    size: axisWidth,
    values: (_plot, ticks) => ticks.map((tick) => (columns.shape === 'state' ? percent(tick) : decimal(tick, 3))),
    ...(unit ? { label: unit, labelFont: font, labelSize: 18, size: axisWidth - 18 } : {}),
  };
  const x: uPlot.Axis = {
    stroke: ink,
    font,
    grid,
    ticks: { ...grid, size: 5 },
    size: withTime ? 42 : 0,
    space: 70,
    show: withTime,
    values: (_plot, ticks) => timeLabels(ticks),
  };
  return [x, y];
}

// A value that means something, drawn across the plot.
export interface PlotLine {
  value: number;
  label: string;
  severity: 'info' | 'warning' | 'alarm';
}

export interface Frame {
  lines: readonly PlotLine[];
  columns: Columns;
  unit: string;
  width: number;
  height: number;
  from: number;
  to: number;
  syncKey: string;
  plugins: uPlot.Plugin[];
  onZoom: (from: number, to: number) => void;
}

export function baseOptions(frame: Frame, series: uPlot.Series[], withTime: boolean): uPlot.Options {
  return {
    width: frame.width,
    height: frame.height,
    tzDate: zoned,
    padding: [10, 20, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: frame.syncKey, setSeries: false },
      drag: { x: true, y: false, setScale: true },
      points: { show: false },
      y: false,
    },
    scales: {
      x: { time: true, min: frame.from, max: frame.to },
    },
    axes: axes(frame.columns, frame.unit, withTime),
    series: [{}, ...series],
    plugins: frame.plugins,
    hooks: {
      setScale: [
        (plot, key) => {
          const { min, max } = plot.scales['x'] ?? {};
          if (key === 'x' && typeof min === 'number' && typeof max === 'number') frame.onZoom(min, max);
        },
      ],
    },
  };
}

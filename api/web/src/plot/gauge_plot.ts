import uPlot from 'uplot';
import { drawLines } from './lines';
import { baseOptions, type Frame } from './options';
import { split } from './rows';
import { padded, reaching } from './scale';
import { cssColour } from './theme';

// Mean as a line, minimum to maximum as a band around it; provisional windows dashed and paler. Each value stands in
// the middle of its window.
export function gaugePlot(frame: Frame): { options: uPlot.Options; data: uPlot.AlignedData } {
  const { columns } = frame;
  const mean = split(columns.value, columns.rows, true);
  const min = split(columns.min, columns.rows, true);
  const max = split(columns.max, columns.rows, true);
  const line = cssColour('--plot');
  // Provisional windows show their points, so that even a single one is seen to be provisional.
  const open = (): number[] => columns.rows.flatMap((row, i) => (row && !row.final ? [i] : []));
  const series: uPlot.Series[] = [
    edge(),
    edge(),
    edge(),
    edge(),
    { stroke: line, width: 2, points: { show: true, filter: lonely, size: 6, fill: line } },
    {
      stroke: line,
      width: 2,
      dash: [5, 4],
      points: { show: true, filter: open, size: 6, fill: cssColour('--surface') },
    },
  ];
  const options = baseOptions(frame, series, true);
  options.bands = [
    { series: [2, 1], fill: cssColour('--plot-band') },
    { series: [4, 3], fill: cssColour('--plot-band-provisional') },
  ];
  options.scales = { ...options.scales, y: { range: (_plot, low, high) => padded(...reaching(low, high, frame.lines)) } };
  options.hooks = { ...options.hooks, draw: [(plot) => drawLines(plot, frame)] };
  return {
    options,
    data: [
      columns.start.map((start) => start + columns.step / 2),
      min.final,
      max.final,
      min.provisional,
      max.provisional,
      mean.final,
      mean.provisional,
    ],
  };
}

function edge(): uPlot.Series {
  return { stroke: 'transparent', width: 0, points: { show: false } };
}

// A value between two gaps has no line to either side, so it needs its point.
function lonely(plot: uPlot, index: number): number[] {
  const values = plot.data[index] ?? [];
  const alone: number[] = [];
  values.forEach((value, i) => {
    if (value !== null && values[i - 1] == null && values[i + 1] == null) alone.push(i);
  });
  return alone;
}

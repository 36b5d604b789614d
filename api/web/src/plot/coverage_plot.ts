import uPlot from 'uplot';
import { baseOptions, axisWidth, type Frame } from './options';
import { cssColour } from './theme';

// The strip below a plot: how much of each window is backed by data. Full height is 100 %; windows with too little
// data stand out in another colour; where nobody knows, a thin line says that there is a window all the same.
export function coveragePlot(frame: Frame, hasUnit: boolean): { options: uPlot.Options; data: uPlot.AlignedData } {
  const { columns } = frame;
  const options = baseOptions(frame, [{ stroke: 'transparent', paths: () => null, points: { show: false } }], false);
  options.padding = [2, 20, 2, 0];
  options.scales = { ...options.scales, y: { range: () => [0, 1] } };
  options.axes = [
    { show: false },
    { show: true, size: axisWidth, values: () => [], ticks: { show: false }, grid: { show: false } },
  ];
  // uPlot adds a label's size to the axis: the strip must begin where the plot begins.
  if (hasUnit) options.axes[1] = { ...options.axes[1], size: axisWidth };
  options.hooks = { ...options.hooks, draw: [(plot) => drawStrip(plot, frame)] };
  return { options, data: [columns.start.slice(), columns.coverage] };
}

// A notch at the top of a window some of whose samples do not count.
function markLeftOut(ctx: CanvasRenderingContext2D, left: number, top: number, width: number): void {
  const ratio = uPlot.pxRatio;
  const middle = left + width / 2;
  const half = Math.max(3, Math.min(width / 2, 6)) * ratio;
  ctx.fillStyle = cssColour('--bad');
  ctx.beginPath();
  ctx.moveTo(middle - half, top);
  ctx.lineTo(middle + half, top);
  ctx.lineTo(middle, top + 9 * ratio);
  ctx.closePath();
  ctx.fill();
}

function drawStrip(plot: uPlot, { columns }: Frame): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = cssColour('--surface-2');
  ctx.fillRect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  columns.rows.forEach((row, i) => {
    const start = columns.start[i];
    if (!row || start === undefined) return;
    const left = plot.valToPos(start, 'x', true);
    const right = plot.valToPos(start + columns.step, 'x', true);
    const width = Math.max(right - left, 1);
    if (row.coverage === null) {
      ctx.fillStyle = cssColour('--line-strong');
      ctx.fillRect(left, bbox.top + bbox.height / 2 - 1, width, 2);
      if (row.left_out) markLeftOut(ctx, left, bbox.top, width);
      return;
    }
    const share = Math.max(0, Math.min(1, row.coverage));
    const height = Math.max(share * bbox.height, share > 0 ? 2 : 0);
    ctx.fillStyle = cssColour(row.valid === false ? '--coverage-bad' : '--coverage');
    ctx.fillRect(left, bbox.top + bbox.height - height, width, height);
    if (row.left_out) markLeftOut(ctx, left, bbox.top, width);
  });
  ctx.restore();
}

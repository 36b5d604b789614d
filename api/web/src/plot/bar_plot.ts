import uPlot from 'uplot';
import { drawLines } from './lines';
import { baseOptions, type Frame } from './options';
import { split } from './rows';
import { cssColour } from './theme';

// One bar per window, exactly as wide as the window: occupied share (0 to 100 %) or sum. Provisional bars are paler
// with a dashed edge. What is known but nought gets a thin foot, so that it differs from a gap.
export function barPlot(frame: Frame): { options: uPlot.Options; data: uPlot.AlignedData } {
  const { columns } = frame;
  const value = split(columns.value, columns.rows, false);
  const series: uPlot.Series[] = [
    { stroke: 'transparent', paths: () => null, points: { show: false } },
    { stroke: 'transparent', paths: () => null, points: { show: false } },
  ];
  const options = baseOptions(frame, series, true);
  const top = columns.shape === 'state' ? 1 : undefined;
  options.scales = {
    ...options.scales,
    y: { range: (_plot, _low, high) => [0, top ?? (high && high > 0 ? high * 1.08 : 1)] },
  };
  options.hooks = { ...options.hooks, draw: [(plot) => drawBars(plot, frame), (plot) => drawLines(plot, frame)] };
  return { options, data: [columns.start.slice(), value.final, value.provisional] };
}

function drawBars(plot: uPlot, { columns }: Frame): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const base = plot.valToPos(0, 'y', true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height + ratio);
  ctx.clip();
  columns.rows.forEach((row, i) => {
    const value = columns.value[i];
    const start = columns.start[i];
    if (!row || value === null || value === undefined || start === undefined) return;
    const left = plot.valToPos(start, 'x', true);
    const right = plot.valToPos(start + columns.step, 'x', true);
    const gap = right - left > 6 * ratio ? ratio : 0;
    const y = Math.min(plot.valToPos(value, 'y', true), base - 2 * ratio);
    ctx.fillStyle = cssColour(row.final ? '--plot-bar' : '--plot-band-provisional');
    ctx.fillRect(left + gap / 2, y, Math.max(right - left - gap, 1), base - y);
    if (!row.final) {
      ctx.strokeStyle = cssColour('--plot');
      ctx.lineWidth = 1.5 * ratio;
      ctx.setLineDash([4 * ratio, 3 * ratio]);
      ctx.strokeRect(left + gap / 2 + ratio, y, Math.max(right - left - gap - 2 * ratio, 1), base - y);
      ctx.setLineDash([]);
    }
  });
  ctx.restore();
}

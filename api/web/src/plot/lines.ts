import uPlot from 'uplot';
import type { Frame } from './options';
import { cssColour } from './theme';

// Thresholds across a plot, as far as its scale reaches.
export function drawLines(plot: uPlot, { lines }: Frame): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const { min, max } = plot.scales['y'] ?? {};
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = 'left'; // the newest values, at the right, stay free of text
  ctx.textBaseline = 'bottom';
  for (const { value, label, severity } of lines) {
    if (typeof min !== 'number' || typeof max !== 'number' || value < min || value > max) continue;
    const y = plot.valToPos(value, 'y', true);
    ctx.strokeStyle = cssColour(severity === 'info' ? '--line-strong' : severity === 'warning' ? '--coverage-bad' : '--bad');
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([8 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillStyle = cssColour('--ink-2');
    ctx.fillText(label, bbox.left + 4 * ratio, y - 2 * ratio);
  }
  ctx.restore();
}

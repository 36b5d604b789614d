import type { ComponentChildren } from 'preact';

// Bars of few, equally long windows, above and below nought. What is known badly is drawn as an outline, what is not
// known at all as a mark below: never by colour alone.
export interface Bar {
  key: string;
  value: number | null;
  says: string; // all of it in words, for the pointer
  tone?: string;
  weak?: boolean;
  // A text below the bar's left edge: where a day begins, say.
  tick?: string;
}

export interface BarLine {
  value: number;
  label: string;
}

const width = 840;
const height = 170;
const footHeight = 6;
const labelHeight = 18;
const scaleWidth = 66;
const leastBetween = 16; // of two labels of the scale
const tickWidth = 66;

export function Bars(props: {
  bars: readonly Bar[];
  label: string;
  shown: (value: number) => string;
  lines?: readonly BarLine[];
  // The ends of the scale, where values have natural ones: nought is none of sound.
  top?: number;
  bottom?: number;
  legend?: ComponentChildren;
}): preact.JSX.Element {
  const { bars, lines = [], shown } = props;
  const values = bars.flatMap(({ value }) => (value === null ? [] : [value]));
  const high = props.top ?? Math.max(0, ...values);
  const low = props.bottom ?? Math.min(0, ...values);
  const origin = props.bottom ?? 0;
  const span = high - low || 1;
  const room = height - labelHeight - footHeight;
  const y = (value: number): number => 8 + ((high - value) / span) * (room - 8);
  const step = (width - scaleWidth) / Math.max(bars.length, 1);
  const x = (index: number): number => scaleWidth + index * step;
  const base = y(origin);
  const scale = [origin, ...[high, low].filter((value) => value !== origin && Math.abs(y(value) - base) >= leastBetween)];
  return (
    <figure class="bars">
      {props.legend && <ul class="plot-legend">{props.legend}</ul>}
      <div class="bars-scroll" tabIndex={0} role="group" aria-label={props.label}>
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={props.label}>
          {scale.map((value) => (
            <g key={value}>
              <line class={value === origin ? 'base' : 'grid'} x1={scaleWidth} y1={y(value)} x2={width} y2={y(value)} />
              <text class="scale" x={scaleWidth - 6} y={y(value) + 4}>
                {shown(value)}
              </text>
            </g>
          ))}
          {bars.map((bar, i) => (
            <g key={bar.key} class="bar-group">
              <title>{bar.says}</title>
              <rect class="hit" x={x(i)} y={0} width={step} height={height - labelHeight} />
              {bar.value !== null && (
                <rect
                  class={`bar ${bar.tone ?? ''} ${bar.weak ? 'weak' : ''}`}
                  x={x(i) + step * 0.1}
                  y={Math.min(y(bar.value), base - (bar.value >= origin ? 1.5 : 0))}
                  width={step * 0.8}
                  height={Math.max(Math.abs(y(bar.value) - base), 1.5)}
                />
              )}
              {bar.value === null && <rect class="gap" x={x(i)} y={room + 1} width={step} height={footHeight - 1} />}
              {bar.tick && (
                <>
                  <line class="tick" x1={x(i)} y1={base} x2={x(i)} y2={height} />
                  {x(i) + tickWidth <= width && (
                    <text x={x(i) + 4} y={height - 3}>
                      {bar.tick}
                    </text>
                  )}
                </>
              )}
            </g>
          ))}
          {lines
            .filter(({ value }) => value <= high && value >= low)
            .map(({ value, label }) => (
              <g key={label}>
                <line class="threshold" x1={scaleWidth} y1={y(value)} x2={width} y2={y(value)} />
                <text class="threshold-label" x={scaleWidth + 4} y={y(value) - 3}>
                  {label}
                </text>
              </g>
            ))}
        </svg>
      </div>
    </figure>
  );
}

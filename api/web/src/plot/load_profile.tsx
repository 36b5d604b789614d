import type { ProfileHour, Quality } from '../format/load_profile';
import { valueText } from '../format/measures';
import { day, windowLabel } from '../format/time';
import { useText } from '../i18n';

// The hours of a load profile as bars; each kind of quality has a drawing of its own, and not only a colour.
const width = 840;
const height = 150;
const labelWidth = 72;
const foot = 6; // the strip below the bars that marks what is missing
const qualities: readonly Quality[] = ['W', 'I', 'E', 'M'];

export function LoadProfile({
  hours,
  measure,
  unit,
}: {
  hours: readonly ProfileHour[];
  measure: string;
  unit: string;
}): preact.JSX.Element {
  const t = useText();
  const most = Math.max(...hours.map(({ amount }) => amount ?? 0), 0);
  const step = width / Math.max(hours.length, 1);
  const room = height - foot - 18;
  // Of a month not each day's name has room.
  const every = Math.max(1, Math.ceil(labelWidth / (24 * step)));
  const days = hours
    .filter((hour, i) => i === 0 || day(hour.start) !== day(hours[i - 1]?.start ?? 0))
    .filter((_, i) => i % every === 0);
  const present = new Set(hours.map(({ quality }) => quality));
  return (
    <figure class="load-profile" data-test="load-profile">
      <ul class="plot-legend">
        {qualities
          .filter((quality) => present.has(quality))
          .map((quality) => (
            <li key={quality}>
              <i class={`key-quality quality-${quality}`} />
              {t(`quality.${quality}`)}
            </li>
          ))}
      </ul>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('meter.profile')}>
        <defs>
          <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect class="hatch-back" width="5" height="5" />
            <rect class="hatch-line" width="2.2" height="5" />
          </pattern>
        </defs>
        {hours.map((hour, i) => {
          const amount = Math.max(hour.amount ?? 0, 0);
          const bar = most > 0 ? (amount / most) * room : 0;
          const label = `${windowLabel(hour.start, hour.start + 3_600_000)}: ${
            hour.amount === null ? '–' : valueText(measure, hour.amount, unit)
          }, ${t(`quality.${hour.quality}`)}${hour.substitute ? ` (${t(`substitute.${hour.substitute}`)})` : ''}${hour.final ? '' : `, ${t('plot.provisional')}`}`;
          return (
            <g key={hour.start}>
              <title>{label}</title>
              <rect class="hit" x={i * step} y={0} width={step} height={height - 18} />
              {bar > 0 && (
                <rect
                  class={`bar quality-${hour.quality}`}
                  x={i * step + step * 0.08}
                  y={room - bar}
                  width={step * 0.84}
                  height={bar}
                />
              )}
              {hour.quality === 'M' && <rect class="gap" x={i * step} y={room + 1} width={step} height={foot - 1} />}
            </g>
          );
        })}
        <line class="base" x1={0} y1={room} x2={width} y2={room} />
        {days.map(({ start }) => {
          const x = ((start - (hours[0]?.start ?? start)) / 3_600_000) * step;
          return (
            <g key={start}>
              <line class="tick" x1={x} y1={room} x2={x} y2={height} />
              {x + labelWidth <= width && (
                <text x={x + 4} y={height - 3}>
                  {day(start)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      {most > 0 && <p class="quiet small">{t('meter.most', { value: valueText(measure, most, unit) })}</p>}
    </figure>
  );
}

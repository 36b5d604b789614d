import type { Series } from '../../api/types';
import { windOf, type Wind, type WindWindow } from '../../api/wind';
import { valueText } from '../../format/measures';
import { integer } from '../../format/numbers';
import { stationOptions } from '../../format/stations';
import { day, minute, windowLabel } from '../../format/time';
import { compassPoint } from '../../format/wind';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';
import { TableBehind } from '../../parts/table_behind';
import { Bars } from '../../plot/bars';

const hourMs = 3_600_000;
const shownHours = 48;

// The wind by the hour: how fast, where from by the mean of its vectors, and the highest gust.
export function WindCard({ tenant, stations }: { tenant: string; stations: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  return (
    <ChoiceCard
      test="wind"
      title={t('wind.title')}
      intro={t('wind.intro')}
      label={t('environment.station')}
      options={stationOptions(stations)}
      name={`wind ${tenant}`}
      everyMs={120_000}
      load={(device, signal) =>
        windOf({ tenant, device, from: new Date(Date.now() - shownHours * hourMs).toISOString() }, signal)
      }
      isEmpty={(wind) => !wind?.windows.length}
    >
      {(wind) => wind && <Shown wind={wind} />}
    </ChoiceCard>
  );
}

// Turned to where the wind goes, as wind vanes on maps are.
function Arrow({ direction }: { direction: number }): preact.JSX.Element {
  return (
    <span class="wind-arrow" aria-hidden="true" style={{ transform: `rotate(${Math.round(direction)}deg)` }}>
      ↓
    </span>
  );
}

function Shown({ wind }: { wind: Wind }): preact.JSX.Element {
  const t = useText();
  const speed = (value: number): string => valueText('wind_speed', value, wind.unit);
  const from = ({ direction }: WindWindow): string =>
    direction === null ? t('wind.around') : t('wind.from', { point: t(compassPoint(direction)), degrees: integer(direction) });
  // Hours without a result are gaps between those that have one.
  const byStart = new Map(wind.windows.map((window) => [Date.parse(window.start), window]));
  const first = Math.min(...byStart.keys());
  const last = Math.max(...byStart.keys());
  const starts = Array.from({ length: Math.round((last - first) / hourMs) + 1 }, (_, i) => first + i * hourMs);
  const newest = byStart.get(last);
  const gust = (window: WindWindow): string =>
    window.gust === null ? t('wind.nogust', { highest: speed(window.highest) }) : speed(window.gust);
  return (
    <>
      {newest && (
        <ul class="tiles" data-test="wind-newest">
          <li>
            <span class="quiet">{t('wind.mean')}</span>
            <strong>{speed(newest.mean)}</strong>
            <span class="quiet small">{windowLabel(newest.start, newest.end)}</span>
          </li>
          <li>
            <span class="quiet">{t('measure.wind_direction')}</span>
            <strong>
              {newest.direction !== null && <Arrow direction={newest.direction} />} {from(newest)}
            </strong>
            <span class="quiet small">{t('wind.rule')}</span>
          </li>
          <li>
            <span class="quiet">{t('wind.gust')}</span>
            <strong>{speed(newest.gust ?? newest.highest)}</strong>
            {newest.gust === null && <span class="quiet small">{t('wind.highest')}</span>}
          </li>
        </ul>
      )}
      <Bars
        bars={starts.map((start, i) => {
          const window = byStart.get(start);
          const label = windowLabel(start, start + hourMs);
          return {
            key: String(start),
            value: window?.mean ?? null,
            weak: window !== undefined && window.valid !== true,
            says: `${label}: ${window ? `${speed(window.mean)}, ${from(window)}, ${t('wind.gust')} ${gust(window)}` : t('climate.nodata')}`,
            ...(i > 0 && day(start) !== day(start - hourMs) ? { tick: day(start) } : {}),
          };
        })}
        label={t('wind.hours')}
        shown={speed}
      />
      <TableBehind
        test="wind-hours"
        columns={[
          { label: t('col.window') },
          { label: t('wind.mean'), num: true },
          { label: t('measure.wind_direction') },
          { label: t('wind.gust'), num: true },
          { label: t('col.state') },
        ]}
        rows={[...wind.windows].reverse().map((window) => ({
          key: window.start,
          weak: window.valid !== true,
          cells: [
            `${day(window.start)} ${minute(window.start)}`,
            speed(window.mean),
            <>
              {window.direction !== null && <Arrow direction={window.direction} />} {from(window)}
            </>,
            gust(window),
            t(window.valid === true ? 'noise.valid' : 'plot.invalid'),
          ],
        }))}
      />
    </>
  );
}

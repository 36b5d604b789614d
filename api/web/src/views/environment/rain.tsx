import { rainOf, type Rain, type RainHour, type RainSum } from '../../api/environment';
import type { Series } from '../../api/types';
import { rainEventsOf, type RainEvent } from '../../api/wind';
import { valueText } from '../../format/measures';
import { decimal } from '../../format/numbers';
import { dateTime, day, instant, minute, windowLabel } from '../../format/time';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';
import { TableBehind } from '../../parts/table_behind';
import { BarLegend } from '../../plot/bar_legend';
import { Bars } from '../../plot/bars';
import { stationOptions } from '../../format/stations';

const hourMs = 3_600_000;
const shownHours = 72;
const eventDays = 30;
// Deutscher Wetterdienst's bounds of one hour: marked from 15 on, the others above.
const hourBounds = [
  { level: 'marked', value: 15 },
  { level: 'severe', value: 25 },
  { level: 'extreme', value: 40 },
] as const;
const levels = ['none', 'marked', 'severe', 'extreme'] as const;

// Rain by the hour, and what the last hours come to, with the levels of Deutscher Wetterdienst.
export function RainCard({ tenant, gauges }: { tenant: string; gauges: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  return (
    <ChoiceCard
      test="rain"
      title={t('rain.title')}
      intro={t('rain.intro')}
      label={t('environment.station')}
      options={stationOptions(gauges)}
      name={`rain ${tenant}`}
      everyMs={120_000}
      load={async (device, signal) => {
        const back = (hours: number): string => new Date(Date.now() - hours * hourMs).toISOString();
        const [rain, events] = await Promise.all([
          rainOf(tenant, device, back(shownHours), signal),
          rainEventsOf({ tenant, device, from: back(eventDays * 24) }, signal),
        ]);
        return { rain, events };
      }}
      isEmpty={({ rain, events }) => events.length === 0 && !rain?.hours.some(({ sums }) => sums.length > 0)}
    >
      {({ rain, events }) => (
        <>
          {rain && <Shown rain={rain} />}
          <Events events={events} />
        </>
      )}
    </ChoiceCard>
  );
}

// Rain that six dry hours separate from other rain, the newest first.
function Events({ events }: { events: readonly RainEvent[] }): preact.JSX.Element {
  const t = useText();
  const hours = (value: number): string => t('unit.hours', { n: decimal(value, 2) });
  if (events.length === 0) return <p class="quiet">{t('rain.noevents')}</p>;
  return (
    <TableBehind
      test="rain-events"
      summary={t('rain.events', { count: events.length })}
      columns={[
        { label: t('rain.event.start') },
        { label: t('rain.event.sum'), num: true },
        { label: t('rain.event.duration'), num: true },
        { label: t('rain.event.intensity'), num: true },
        { label: t('col.state') },
      ]}
      rows={[...events].reverse().map((event) => ({
        key: event.start,
        weak: event.valid !== true,
        cells: [
          dateTime(event.start),
          `${event.valid === true ? '' : '≥\u202f'}${valueText('precipitation', event.sum, 'mm')}`,
          <>
            {hours(event.duration_h)}
            <span class="quiet below">{t('rain.event.wet', { hours: hours(event.rain_h) })}</span>
          </>,
          <>
            {`${decimal(event.intensity, 1)}\u202fmm/h`}
            <span class="quiet below">{t('rain.event.at', { time: minute(event.intensity_start) })}</span>
          </>,
          t(event.valid === true ? 'rain.event.whole' : 'plot.invalid'),
        ],
      }))}
    />
  );
}

function sumOf(hour: RainHour, hours: number): RainSum | undefined {
  return hour.sums.find((sum) => sum.hours === hours);
}

function Shown({ rain }: { rain: Rain }): preact.JSX.Element {
  const t = useText();
  const start = (hour: RainHour): number => instant(hour.end) - hourMs;
  const label = (hour: RainHour): string => windowLabel(start(hour), hour.end);
  const amount = (sum: RainSum): string => `${sum.valid === true ? '' : '≥\u202f'}${valueText('precipitation', sum.sum, rain.unit)}`;
  const newest = rain.hours.filter(({ sums }) => sums.length > 0).at(-1);
  const bars = rain.hours.map((hour, i) => {
    const sum = sumOf(hour, 1);
    const before = rain.hours[i - 1];
    return {
      key: hour.end,
      value: sum?.sum ?? null,
      tone: `rain-${sum?.level ?? 'none'}`,
      weak: sum !== undefined && sum.valid !== true,
      says: `${label(hour)}: ${sum ? `${amount(sum)}, ${t(`rain.level.${sum.level}`)}` : t('climate.nodata')}`,
      ...(before && day(start(before)) !== day(start(hour)) ? { tick: day(start(hour)) } : {}),
    };
  });
  return (
    <>
      {newest && (
        <ul class="tiles" data-test="rain-sums">
          {newest.sums.map((sum) => (
            <li key={sum.hours}>
              <span class="quiet">{t('rain.last', { hours: sum.hours })}</span>
              <strong>{amount(sum)}</strong>
              <span class="small">
                <span class={`badge rain-${sum.level}`}>{t(`rain.level.${sum.level}`)}</span>{' '}
                {sum.present_hours < sum.hours && (
                  <span class="quiet below">{t('rain.present', { present: sum.present_hours, hours: sum.hours })}</span>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      <Bars
        bars={bars}
        label={t('rain.hours')}
        shown={(value) => valueText('precipitation', value, rain.unit)}
        lines={hourBounds.map(({ level, value }) => ({
          value,
          label: `${t(`rain.level.${level}`)} · ${value} mm/h`,
        }))}
        legend={<BarLegend keys={levels.map((level) => ({ tone: `rain-${level}`, label: t(`rain.level.${level}`) }))} />}
      />
      <TableBehind
        test="rain-hours"
        columns={[{ label: t('col.window') }, ...[1, 6, 24, 72].map((hours) => ({ label: t('unit.hours', { n: hours }), num: true }))]}
        rows={[...rain.hours].reverse().map((hour) => ({
          key: hour.end,
          cells: [
            label(hour),
            ...[1, 6, 24, 72].map((hours) => {
              const sum = sumOf(hour, hours);
              if (!sum) return '–';
              return sum.level === 'none' ? amount(sum) : `${amount(sum)} (${t(`rain.level.${sum.level}`)})`;
            }),
          ],
        }))}
      />
    </>
  );
}

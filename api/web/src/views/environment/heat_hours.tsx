import { heatHoursOf, type HeatDay, type HeatHours } from '../../api/environment';
import type { Series } from '../../api/types';
import { datesBetween } from '../../format/calendar';
import { integer } from '../../format/numbers';
import { stationOptions } from '../../format/stations';
import { calendarDate } from '../../format/time';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';
import { TableBehind } from '../../parts/table_behind';
import { BarLegend } from '../../plot/bar_legend';
import { Bars } from '../../plot/bars';

const dayMs = 86_400_000;
const shownDays = 120; // a summer

// For how many hours of each day a place was hot.
export function HeatHoursCard({ tenant, stations }: { tenant: string; stations: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  return (
    <ChoiceCard
      test="heat-hours"
      title={t('hot.title')}
      intro={t('hot.intro')}
      label={t('environment.station')}
      options={stationOptions(stations)}
      name={`heat hours ${tenant}`}
      everyMs={600_000}
      load={(device, signal) =>
        heatHoursOf({ tenant, device, from: new Date(Date.now() - shownDays * dayMs).toISOString() }, signal)
      }
      isEmpty={(heat) => !heat?.days.length}
    >
      {(heat) => heat && <Shown heat={heat} />}
    </ChoiceCard>
  );
}

function toneOf(day: HeatDay): string {
  if (day.extreme_heat_hours > 0) return 'heat-extreme';
  return day.strong_heat_hours > 0 ? 'heat-strong' : 'heat-hot';
}

function Shown({ heat }: { heat: HeatHours }): preact.JSX.Element {
  const t = useText();
  const hot = heat.days.filter(({ hot_hours: hours, strong_heat_hours: strong }) => hours > 0 || strong > 0);
  const missing = heat.days.filter(({ valid }) => valid !== true).length;
  const first = heat.days[0]?.date ?? '';
  const last = heat.days.at(-1)?.date ?? '';
  if (hot.length === 0) {
    return (
      <p data-test="heat-none">
        {t('hot.none', { days: integer(heat.days.length) })}
        {missing > 0 && <span class="quiet"> {t('hot.missing', { n: integer(missing) })}</span>}
      </p>
    );
  }
  const byDate = new Map(heat.days.map((day) => [day.date, day]));
  const says = (day: HeatDay): string =>
    [
      t('hot.hours', { n: integer(day.hot_hours) }),
      ...(day.strong_heat_hours > 0 ? [t('hot.strong', { n: integer(day.strong_heat_hours) })] : []),
      ...(day.extreme_heat_hours > 0 ? [t('hot.extreme', { n: integer(day.extreme_heat_hours) })] : []),
      ...(day.valid === true ? [] : [t('plot.invalid')]),
    ].join(', ');
  return (
    <>
      <Bars
        bars={datesBetween(first, last).map((date, i) => {
          const day = byDate.get(date);
          return {
            key: date,
            value: day?.hot_hours ?? null,
            tone: day ? toneOf(day) : '',
            weak: day !== undefined && day.valid !== true,
            says: `${calendarDate(date)}: ${day ? says(day) : t('climate.nodata')}`,
            ...(i % 14 === 0 ? { tick: calendarDate(date) } : {}),
          };
        })}
        label={t('hot.days')}
        shown={(value) => t('unit.hours', { n: integer(value) })}
        legend={
          <BarLegend
            keys={[
              { tone: 'heat-hot', label: t('hot.legend.hot') },
              { tone: 'heat-strong', label: t('hot.legend.strong') },
              { tone: 'heat-extreme', label: t('hot.legend.extreme') },
            ]}
          />
        }
      />
      <TableBehind
        test="heat-hours-days"
        columns={[
          { label: t('meter.day') },
          { label: t('hot.legend.hot'), num: true },
          { label: t('hot.legend.strong'), num: true },
          { label: t('hot.legend.extreme'), num: true },
          { label: t('col.state') },
        ]}
        rows={[...hot].reverse().map((day) => ({
          key: day.date,
          weak: day.valid !== true,
          cells: [
            calendarDate(day.date),
            t('unit.hours', { n: integer(day.hot_hours) }),
            day.heat_index_hours > 0 ? t('unit.hours', { n: integer(day.strong_heat_hours) }) : '–',
            day.heat_index_hours > 0 ? t('unit.hours', { n: integer(day.extreme_heat_hours) }) : '–',
            t(day.valid === true ? 'noise.valid' : 'plot.invalid'),
          ],
        }))}
      />
      {missing > 0 && <p class="quiet small">{t('hot.missing', { n: integer(missing) })}</p>}
    </>
  );
}

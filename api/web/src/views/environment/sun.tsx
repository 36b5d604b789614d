import { sunOf, type Sun, type SunDay } from '../../api/environment';
import type { Series } from '../../api/types';
import { decimal } from '../../format/numbers';
import { datesBetween } from '../../format/calendar';
import { stationOptions } from '../../format/stations';
import { calendarDate, minute } from '../../format/time';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';
import { TableBehind } from '../../parts/table_behind';
import { BarLegend } from '../../plot/bar_legend';
import { Bars } from '../../plot/bars';

const dayMs = 86_400_000;
const shownDays = 30;
const levels = ['low', 'moderate', 'high', 'very_high', 'extreme'] as const;

// The sun of one place: each day's highest UV index, and for how long it asked for protection.
export function SunCard({ tenant, sensors }: { tenant: string; sensors: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  return (
    <ChoiceCard
      test="sun"
      title={t('sun.title')}
      intro={t('sun.intro')}
      label={t('environment.station')}
      options={stationOptions(sensors)}
      name={`sun ${tenant}`}
      everyMs={300_000}
      load={(device, signal) =>
        sunOf({ tenant, device, from: new Date(Date.now() - shownDays * dayMs).toISOString() }, signal)
      }
      isEmpty={(sun) => !sun?.days.length}
    >
      {(sun) => sun && <Shown sun={sun} />}
    </ChoiceCard>
  );
}

function Shown({ sun }: { sun: Sun }): preact.JSX.Element {
  const t = useText();
  const byDate = new Map(sun.days.map((day) => [day.date, day]));
  const dates = datesBetween(sun.days[0]?.date ?? '', sun.days.at(-1)?.date ?? '');
  const protection = (day: SunDay): string => t('unit.hours', { n: decimal(day.protection_hours, 1) });
  return (
    <>
      <Bars
        bars={dates.map((date, i) => {
          const day = byDate.get(date);
          return {
            key: date,
            value: day?.highest ?? null,
            tone: day ? `uv-${day.level}` : '',
            weak: day !== undefined && day.valid !== true,
            says: `${calendarDate(date)}: ${day ? `${decimal(day.highest, 1)}, ${t(`uv.level.${day.level}`)}` : t('climate.nodata')}`,
            ...(i % 4 === 0 ? { tick: calendarDate(date) } : {}),
          };
        })}
        label={t('sun.days')}
        shown={(value) => decimal(value, 0)}
        legend={<BarLegend keys={levels.map((level) => ({ tone: `uv-${level}`, label: t(`uv.level.${level}`) }))} />}
      />
      <TableBehind
        test="sun-days"
        columns={[
          { label: t('meter.day') },
          { label: t('measure.uv_index'), num: true },
          { label: t('air.class') },
          { label: t('sun.protection'), num: true },
          { label: t('col.state') },
        ]}
        rows={[...sun.days].reverse().map((day) => ({
          key: day.date,
          weak: day.valid !== true,
          cells: [
            calendarDate(day.date),
            t('sun.at', { value: decimal(day.highest, 1), time: minute(day.highest_time) }),
            t(`uv.level.${day.level}`),
            protection(day),
            t(day.valid === true ? 'noise.valid' : 'plot.invalid'),
          ],
        }))}
      />
    </>
  );
}

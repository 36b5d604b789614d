import type { Series } from '../../api/types';
import { weekProfileOf, type WeekHour, type WeekProfile } from '../../api/utilisation';
import { valueText } from '../../format/measures';
import { compact, integer } from '../../format/numbers';
import { seriesOptions } from '../../format/stations';
import { weekdayName } from '../../format/time';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';

const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;
const hours = Array.from({ length: 24 }, (_, hour) => hour);
const steps = 6;

// What is usual at each hour of the week: where an extra bus helps, and when a street can be closed.
export function WeekCard({ tenant, counters }: { tenant: string; counters: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  return (
    <ChoiceCard
      test="week"
      title={t('week.title')}
      intro={t('week.intro')}
      label={t('counts.point')}
      options={seriesOptions(counters)}
      name={`week ${tenant}`}
      everyMs={600_000}
      load={(choice, signal) => {
        const [device = '', measure = ''] = choice.split(' ');
        return weekProfileOf({ tenant, device, measure }, signal);
      }}
      isEmpty={(profile) => !profile?.hours.length}
    >
      {(profile) => profile && <Shown profile={profile} />}
    </ChoiceCard>
  );
}

function Shown({ profile }: { profile: WeekProfile }): preact.JSX.Element {
  const t = useText();
  const usual = profile.hours.some(({ median }) => median !== null);
  const valueOf = (hour: WeekHour): number | null => (usual ? hour.median : hour.highest);
  const byPlace = new Map(profile.hours.map((hour) => [`${hour.weekday} ${hour.hour}`, hour]));
  const top = Math.max(0, ...profile.hours.map((hour) => valueOf(hour) ?? 0));
  const levelOf = (value: number): number => (top > 0 ? Math.min(steps, Math.max(0, Math.ceil((value / top) * steps))) : 0);
  const shown = (value: number): string => valueText(profile.measure, value, profile.unit);
  return (
    <>
      {!usual && <p class="quiet">{t('week.few', { weeks: integer(profile.least_weeks.median) })}</p>}
      <div class="scroll" tabIndex={0} role="group" aria-label={t('week.title')}>
        <table class="week" data-test="week-map">
          <caption class="visually-hidden">{t('week.title')}</caption>
          <thead>
            <tr>
              <th />
              {hours.map((hour) => (
                <th key={hour} scope="col">
                  {hour}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weekdays.map((weekday) => (
              <tr key={weekday}>
                <th scope="row">{weekdayName(weekday)}</th>
                {hours.map((hour) => {
                  const one = byPlace.get(`${weekday} ${hour}`);
                  const value = one ? valueOf(one) : null;
                  const when = `${weekdayName(weekday)} ${hour}–${hour + 1}`;
                  if (!one || value === null) {
                    return (
                      <td key={hour} class="hour nothing" title={`${when}: ${t('climate.nodata')}`}>
                        ×
                      </td>
                    );
                  }
                  const says = [
                    `${when}: ${shown(value)}`,
                    ...(one.p95 === null ? [] : [t('week.p95', { value: shown(one.p95) })]),
                    t('week.weeks', { n: integer(one.weeks) }),
                  ].join(', ');
                  return (
                    <td key={hour} class={`hour level-${levelOf(value)}`} title={says} aria-label={says}>
                      {compact(value)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul class="plot-legend">
        {Array.from({ length: steps + 1 }, (_, level) => (
          <li key={level}>
            <i class={`hour-key level-${level}`} />
            {level === 0 ? shown(0) : t('week.upto', { value: shown((top * level) / steps) })}
          </li>
        ))}
        <li>
          <i class="hour-key nothing">×</i>
          {t('climate.nodata')}
        </li>
      </ul>
    </>
  );
}

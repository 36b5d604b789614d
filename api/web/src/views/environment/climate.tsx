import { useState } from 'preact/hooks';
import { climateYear, type ClimateYear, type DaySums } from '../../api/environment';
import { useResource } from '../../api/resource';
import { windowsOf } from '../../api/series';
import type { AggregateRow, Series } from '../../api/types';
import { calendarOf, type CalendarDay } from '../../format/calendar';
import { valueText } from '../../format/measures';
import { decimal, integer } from '../../format/numbers';
import { calendarDate, instant, monthName } from '../../format/time';
import { useText, type Key } from '../../i18n';
import { SelectField } from '../../parts/select_field';
import { Loaded } from '../../parts/states';
import { NumberTable } from '../../parts/table_behind';
import { stationOptions } from '../../format/stations';

const counted = ['summer_day', 'hot_day', 'tropical_night', 'frost_day', 'ice_day'] as const;
const degreeDays = 'heating_degree_days_20_15';
const kinds = ['summer', 'hot', 'frost', 'ice'] as const;

interface Year {
  sums: ClimateYear | null;
  days: AggregateRow[];
}

// A local year lies in the same hours of UTC as winter time begins and ends it.
async function load(tenant: string, device: string, year: number, signal: AbortSignal): Promise<Year> {
  const query = {
    tenant,
    device,
    measure: 'temperature',
    res: '1d',
    from: `${year - 1}-12-31T23:00:00Z`,
    to: `${year}-12-31T23:00:00Z`,
  };
  const [sums, days] = await Promise.all([climateYear(tenant, device, year, signal), windowsOf(query, 400, signal)]);
  return { sums, days: days.items };
}

// Climate days of one station's year: a calendar to look at, months to count.
export function ClimateCard(props: { tenant: string; stations: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  const { tenant, stations } = props;
  const thisYear = new Date().getUTCFullYear();
  const [device, setDevice] = useState(stations[0]?.dev_eui ?? '');
  const [year, setYear] = useState(thisYear);
  const first = stations.find(({ dev_eui }) => dev_eui === device)?.first;
  const since = Math.max(first ? new Date(instant(first)).getUTCFullYear() : thisYear, thisYear - 20);
  const years = Array.from({ length: thisYear - since + 1 }, (_, i) => String(thisYear - i));
  const found = useResource(
    `climate ${tenant} ${device} ${year}`,
    (signal) => load(tenant, device, year, signal),
    600_000,
  );
  return (
    <section class="card" data-test="climate">
      <h2>{t('climate.title')}</h2>
      <p class="quiet small">{t('climate.intro')}</p>
      <div class="controls">
        <SelectField
          label={t('environment.station')}
          value={device}
          options={stationOptions(stations)}
          change={setDevice}
        />
        <SelectField
          label={t('climate.year')}
          value={String(year)}
          options={years.map((value) => ({ value, label: value }))}
          change={(next) => setYear(Number(next))}
        />
      </div>
      <Loaded resource={found}>
        {({ sums, days }) => (
          <>
            {sums && <Tiles sums={sums} />}
            <Calendar months={calendarOf(days, year, sums?.tropical_nights.map(({ date }) => date))} year={year} />
            {sums && <Months sums={sums} />}
          </>
        )}
      </Loaded>
    </section>
  );
}

// A count of days of which some are not known is a lower bound, and says so.
function sumText(sums: DaySums, name: string): string {
  const found = sums.indicators.find((sum) => sum.name === name);
  if (!found || sums.days === 0) return '–';
  const number = found.unit === 'd' ? integer(found.value) : decimal(found.value, 1);
  return found.valid === true ? number : `≥\u202f${number}`;
}

function Tiles({ sums }: { sums: ClimateYear }): preact.JSX.Element {
  const t = useText();
  return (
    <ul class="tiles" data-test="climate-sums">
      {counted.map((name) => (
        <li key={name}>
          <span class="quiet">{t(`climate.${name}s`)}</span>
          <strong>{sumText(sums, name)}</strong>
          <span class="quiet small">{t(`climate.${name}.hint`)}</span>
        </li>
      ))}
      {sums.growth_start && (
        <li>
          <span class="quiet">{t('climate.growth')}</span>
          <strong>{calendarDate(sums.growth_start)}</strong>
          <span class="quiet small">{t(sums.growth_start_valid === false ? 'climate.uncertain' : 'climate.growth.hint')}</span>
        </li>
      )}
    </ul>
  );
}

function Calendar({ months, year }: { months: readonly CalendarDay[][]; year: number }): preact.JSX.Element {
  const t = useText();
  return (
    <figure class="calendar">
      <ul class="plot-legend">
        {kinds.map((kind) => (
          <li key={kind}>
            <i class={`day-key ${kind}`}>{t(`climate.letter.${kind}`)}</i>
            {t(`climate.${kind}_day`)}
          </li>
        ))}
        <li>
          <i class="day-key none tropical" />
          {t('climate.tropical_night')}
        </li>
        <li>
          <i class="day-key none" />
          {t('climate.ordinary')}
        </li>
        <li>
          <i class="day-key unsure" />
          {t('plot.invalid')}
        </li>
        <li>
          <i class="day-key nothing">×</i>
          {t('climate.nodata')}
        </li>
      </ul>
      <div class="scroll" tabIndex={0} role="group" aria-label={t('climate.calendar', { year })}>
        <table class="days" data-test="calendar">
          <caption class="visually-hidden">{t('climate.calendar', { year })}</caption>
          <thead>
            <tr>
              <th />
              {Array.from({ length: 31 }, (_, i) => (
                <th key={i} scope="col">
                  {i + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {months.map((days, month) => (
              <tr key={days[0]?.date}>
                <th scope="row">{monthName(year, month)}</th>
                {days.map((day) => (
                  <Day key={day.date} day={day} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

function Day({ day }: { day: CalendarDay }): preact.JSX.Element {
  const t = useText();
  const { row, kind } = day;
  const over = `${day.date}T23:59` < new Date().toISOString();
  if (!row) {
    return (
      <td class={over ? 'day nothing' : 'day future'} title={`${calendarDate(day.date)}: ${t('climate.nodata')}`}>
        {over ? '×' : ''}
      </td>
    );
  }
  const says = [
    t(kind === 'none' ? 'climate.ordinary' : `climate.${kind}_day`),
    ...(row.min !== null && row.max !== null
      ? [`${valueText(row.measure, row.min, row.unit)} – ${valueText(row.measure, row.max, row.unit)}`]
      : []),
    ...(day.tropical ? [t('climate.tropical_night')] : []),
    ...(day.sure ? [] : [t('plot.invalid')]),
    ...(row.left_out ? [t('plot.leftout', { n: integer(row.left_out) })] : []),
    ...(row.final ? [] : [t('plot.provisional')]),
  ].join(', ');
  return (
    <td class={`day ${kind} ${day.tropical ? 'tropical' : ''} ${day.sure ? '' : 'unsure'} ${row.final ? '' : 'open'}`} title={`${calendarDate(day.date)}: ${says}`}>
      {kind === 'none' ? '' : t(`climate.letter.${kind}`)}
      <span class="visually-hidden">{says}</span>
    </td>
  );
}

function Months({ sums }: { sums: ClimateYear }): preact.JSX.Element {
  const t = useText();
  const cells = (of: DaySums): string[] => [
    ...counted.map((name) => sumText(of, name)),
    sumText(of, degreeDays),
    t('climate.days.of', { days: integer(of.valid_days), expected: integer(of.expected_days) }),
  ];
  return (
    <div class="scroll">
      <NumberTable
        test="climate-months"
        columns={[
          { label: t('climate.month') },
          ...counted.map((name) => ({ label: t(`climate.${name}s`), num: true })),
          { label: t('climate.degreedays'), num: true },
          { label: t('climate.days'), num: true },
        ]}
        rows={[
          ...sums.months.map((month) => ({
            key: month.month,
            cells: [monthName(sums.year, Number(month.month.slice(5)) - 1), ...cells(month)],
          })),
          { key: 'year', cells: [<strong key="year">{sums.year}</strong>, ...cells(sums)] },
        ]}
      />
      <p class="quiet small">{t('climate.bound' as Key)}</p>
    </div>
  );
}

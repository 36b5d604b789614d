import { useState } from 'preact/hooks';
import { apiUrl, download } from '../api/client';
import { hoursOf, meterProfile, meterReport, type MeterHour, type MeterProfile, type MeterRegister, type MeterReport } from '../api/meters';
import { useResource } from '../api/resource';
import { loadProfile } from '../format/load_profile';
import { measureName, unitSymbol, valueText } from '../format/measures';
import { monthAfter, monthOf, monthText, spanOfMonth, type Month } from '../format/months';
import { decimal, integer } from '../format/numbers';
import { dateTime, monthAndYear } from '../format/time';
import { language, useText } from '../i18n';
import { Icon } from '../parts/icons';
import { MeterDays, QualityName } from '../parts/meter_days';
import { useTenantTitle } from '../parts/pickers';
import { Empty, Loaded } from '../parts/states';
import { LoadProfile } from '../plot/load_profile';
import { href, replaceRoute, useRoute } from '../router';
import { useStore } from '../store';

const qualities = ['W', 'I', 'E', 'P', 'M'] as const;
const findings = ['leak', 'burst', 'unusual_flow', 'dry', 'reverse'] as const;
const months = ['slow_leak', 'tamper'] as const;

interface Shown {
  report: MeterReport;
  profile: MeterProfile;
}

interface Limits {
  burst_limit: string;
  leak_limit: string;
}

// Where nobody says what is too much, half a year says what is usual.
const usualWeeks = 26;

function askedFor(limits: Limits): Partial<Limits> & { usual_weeks?: number } {
  const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== '')) as Partial<Limits>;
  return given.burst_limit ? given : { ...given, usual_weeks: usualWeeks };
}

async function load(device: string, of: Month, limits: Limits, signal: AbortSignal): Promise<Shown> {
  const asked = askedFor(limits);
  const [report, profile] = await Promise.all([
    meterReport({ device, ...of, ...asked }, signal),
    meterProfile({ device, ...of }, signal),
  ]);
  return { report, profile };
}

// What somebody typed, as the interface takes it; nothing while it is no number.
function limitOf(typed: string): string {
  const number = typed.replace(',', '.');
  return /^\d{1,6}([.]\d{1,3})?$/.test(number) ? number : '';
}

// A month of one meter: readings, what ran in each hour and day, how well that is known, and what is wrong.
export function MeterReportView({ eui }: { eui: string }): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const { path, query } = useRoute();
  const today = new Date();
  const thisMonth = { year: today.getUTCFullYear(), month: today.getUTCMonth() + 1 };
  const month = monthOf(query.get('month'), thisMonth);
  const [typed, type] = useState<Limits>({
    burst_limit: query.get('burst_limit') ?? '',
    leak_limit: query.get('leak_limit') ?? '',
  });
  const limits = { burst_limit: limitOf(typed.burst_limit), leak_limit: limitOf(typed.leak_limit) };
  const go = (next: { month?: string } & Partial<Limits>): void =>
    replaceRoute(href(path, { month: monthText(month), ...limits, ...next }));
  const found = useResource(
    `report ${eui} ${monthText(month)} ${limits.burst_limit} ${limits.leak_limit}`,
    (signal) => load(eui, month, limits, signal),
    300_000,
  );
  // Programs in German read a decimal comma and local times.
  const format = useStore(language) === 'de' ? 'csv-de' : 'csv';
  const save = (path: string, name: string, more: Partial<Limits>): void =>
    void download(apiUrl(path, { device: eui, ...month, ...more, format }), `${eui}-${monthText(month)}-${name}.csv`);
  const { report } = found.data ?? {};
  return (
    <section class="page">
      <p class="crumb">
        <a href={href(['devices', eui])}>
          <Icon name="back" />
          {report?.device || t('report.device')}
        </a>
      </p>
      <div class="page-head">
        <h1 tabIndex={-1}>{t('report.title', { month: monthAndYear(month.year, month.month) })}</h1>
        <p class="quiet">{report ? `${report.device || eui} · ${title(report.tenant)}` : eui}</p>
      </div>
      <div class="controls">
        <span class="field months">
          <button type="button" onClick={() => go({ month: monthText(monthAfter(month, -1)) })} aria-label={t('report.before')}>
            ‹
          </button>
          <strong>{monthAndYear(month.year, month.month)}</strong>
          <button
            type="button"
            disabled={monthText(month) >= monthText(thisMonth)}
            onClick={() => go({ month: monthText(monthAfter(month, 1)) })}
            aria-label={t('report.after')}
          >
            ›
          </button>
        </span>
        {(['burst_limit', 'leak_limit'] as const).map((limit) => (
          <label key={limit} class="field">
            <span>{t(`report.${limit}`)}</span>
            <input
              type="text"
              inputMode="decimal"
              maxLength={10}
              placeholder={t('report.limit.none')}
              value={typed[limit]}
              onChange={(event) => {
                type({ ...typed, [limit]: event.currentTarget.value });
                go({ [limit]: limitOf(event.currentTarget.value) });
              }}
            />
          </label>
        ))}
        <button type="button" data-test="report-csv" onClick={() => save('meter/report', 'days', askedFor(limits))}>
          {t('report.csv.days')}
        </button>
        <button type="button" data-test="profile-csv" onClick={() => save('meter/profile', 'hours', {})}>
          {t('report.csv.hours')}
        </button>
      </div>
      <Loaded resource={found}>
        {(shown) =>
          shown.report.registers.length === 0 ? (
            <Empty>{t('report.nometer')}</Empty>
          ) : (
            <>
              <Tamper of={shown.report.tamper} />
              {shown.report.registers.map((register) => (
                <Register
                  key={register.measure}
                  register={register}
                  hours={hoursOf(shown.profile, register.measure)}
                  month={month}
                />
              ))}
              {shown.report.heat && <Heat heat={shown.report.heat} />}
              <Legend />
            </>
          )
        }
      </Loaded>
    </section>
  );
}

function Register(props: { register: MeterRegister; hours: readonly MeterHour[]; month: Month }): preact.JSX.Element {
  const t = useText();
  const { register, hours, month } = props;
  const { measure, unit } = register;
  const { from, to } = spanOfMonth(month);
  const amount = (value: number): string => valueText(measure, value, unit);
  const end = Math.min(to, Math.ceil(Date.now() / 3_600_000) * 3_600_000);
  const found = findings.map((finding) => ({
    finding,
    days: register.days.filter((day) => day[finding] === 'yes').length,
  }));
  const known = register.days_missing === 0 && register.days.every((day) => day.leak !== 'unknown');
  const events = (['resets', 'exchanges', 'quarantined'] as const).filter((name) => register[name] > 0);
  return (
    <section class="card" data-test="register">
      <h2>
        {measureName(measure)}
        {register.obis && <span class="quiet"> · OBIS {register.obis}</span>}
      </h2>
      {register.days.length === 0 ? (
        <Empty>{t('report.nodays')}</Empty>
      ) : (
        <>
          <ul class="tiles" data-test="register-sums">
            <li>
              <span class="quiet">{t('report.amount')}</span>
              <strong>{amount(register.amount)}</strong>
              {register.estimated > 0 && (
                <span class="quiet small">{t('report.ofestimated', { amount: amount(register.estimated) })}</span>
              )}
            </li>
            <li>
              <span class="quiet">{t('meter.quality')}</span>
              <strong>
                <QualityName of={register.quality} />
              </strong>
              <span class={register.days_missing > 0 ? 'health fair small' : 'quiet small'}>
                {t('report.missing', { days: integer(register.days_missing) })}
              </span>
            </li>
            <Reading label={t('report.first')} of={register.first} amount={amount} />
            <Reading label={t('report.last')} of={register.last} amount={amount} />
          </ul>
          <p class="badges" data-test="register-findings">
            {register.slow_leak !== 'yes' && found.every(({ days }) => days === 0) && <span class="quiet">{t(known ? 'report.fine' : 'report.fine.known')}</span>}
            {found
              .filter(({ days }) => days > 0)
              .map(({ finding, days }) => (
                <span key={finding} class="badge finding">
                  {t('report.finding', { finding: t(`finding.${finding}`), days: integer(days) })}
                </span>
              ))}
            {register.slow_leak === 'yes' && <span class="badge finding">{t('finding.slow_leak')}</span>}
            {register.reverse > 0 && <span class="badge">{t('report.reverse', { amount: amount(register.reverse) })}</span>}
            {events.map((name) => (
              <span key={name} class="badge">
                {t(`report.event.${name}`, { count: integer(register[name]) })}
              </span>
            ))}
          </p>
          <LoadProfile hours={loadProfile(hours, from, end)} measure={measure} unit={unit} />
          <details class="table-details">
            <summary>{t('days.table')}</summary>
            <div class="scroll">
              <MeterDays test="report-days" days={register.days} measure={measure} unit={unit} />
            </div>
          </details>
          <p class="quiet small">{t('report.unit', { unit: unitSymbol(unit) })}</p>
        </>
      )}
    </section>
  );
}

// Of the whole device; of one without such a contact there is nothing to say.
function Tamper({ of }: { of: MeterReport['tamper'] }): preact.JSX.Element | null {
  const t = useText();
  if (of !== 'yes' && of !== 'no') return null;
  return (
    <p class="badges" data-test="tamper">
      <span class={of === 'yes' ? 'badge finding' : 'quiet'}>{t(`report.tamper.${of}`)}</span>
    </p>
  );
}

function Reading(props: {
  label: string;
  of: MeterRegister['first'];
  amount: (value: number) => string;
}): preact.JSX.Element {
  const t = useText();
  return (
    <li>
      <span class="quiet">{props.label}</span>
      <strong>{props.of ? props.amount(props.of.value) : '–'}</strong>
      <span class="quiet small">{props.of ? dateTime(props.of.time) : t('report.noreading')}</span>
    </li>
  );
}

function Heat({ heat }: { heat: NonNullable<MeterReport['heat']> }): preact.JSX.Element {
  const t = useText();
  const shown = [
    [t('report.heat.difference'), heat.temperature_difference, 'K', 1],
    [t('report.heat.return'), heat.return_temperature, '°C', 1],
    [t('report.heat.volume'), heat.specific_volume, 'm³/MWh', 1],
  ] as const;
  return (
    <section class="card" data-test="heat">
      <h2>{t('report.heat')}</h2>
      <ul class="tiles">
        {shown.map(([label, value, unit, digits]) => (
          <li key={label}>
            <span class="quiet">{label}</span>
            <strong>{value === null ? '–' : `${decimal(value, digits)}\u202f${unit}`}</strong>
          </li>
        ))}
      </ul>
      <p class="quiet small">{t('report.heat.rule')}</p>
    </section>
  );
}

// What letters and findings mean.
function Legend(): preact.JSX.Element {
  const t = useText();
  return (
    <section class="card" data-test="report-legend">
      <h2>{t('report.legend')}</h2>
      <dl class="pairs">
        {qualities.map((quality) => (
          <div key={quality}>
            <dt>
              <QualityName of={quality} />
            </dt>
            <dd>{t(`quality.${quality}.hint`)}</dd>
          </div>
        ))}
        {[...findings, ...months].map((finding) => (
          <div key={finding}>
            <dt>{t(`finding.${finding}`)}</dt>
            <dd>{t(`finding.${finding}.hint`)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

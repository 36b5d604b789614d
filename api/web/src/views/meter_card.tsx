import { hoursOf, meterProfile, meterReport, type MeterDay, type MeterHour, type MeterRegister } from '../api/meters';
import { useResource } from '../api/resource';
import type { Series } from '../api/types';
import { loadProfile } from '../format/load_profile';
import { measureName } from '../format/measures';
import { useText } from '../i18n';
import { MeterDays } from '../parts/meter_days';
import { Loaded } from '../parts/states';
import { LoadProfile } from '../plot/load_profile';
import { href } from '../router';

const hourMs = 3_600_000;
const shownDays = 7;

interface Shown {
  hours: MeterHour[];
  from: number;
  to: number;
  days: MeterDay[];
  obis: string | null;
}

async function load(series: Series, signal: AbortSignal): Promise<Shown> {
  const to = Math.ceil(Date.now() / hourMs) * hourMs;
  const from = to - shownDays * 24 * hourMs;
  // A week may lie in two months.
  const first = new Date(from);
  const last = new Date(to);
  const months = [first, ...(first.getUTCMonth() === last.getUTCMonth() ? [] : [last])].map((at) => ({
    device: series.dev_eui,
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
  }));
  const [reports, profiles] = await Promise.all([
    Promise.all(months.map((month) => meterReport(month, signal))),
    Promise.all(months.map((month) => meterProfile(month, signal))),
  ]);
  const registers = reports
    .map((report) => report.registers.find(({ measure }) => measure === series.measure))
    .filter((register): register is MeterRegister => register !== undefined);
  const days = registers.flatMap((register) => register.days).filter((each) => Date.parse(each.end) > from);
  const hours = profiles.flatMap((profile) => hoursOf(profile, series.measure));
  return { hours, from, to, days, obis: registers[0]?.obis ?? null };
}

// A meter's last week: what ran in each hour and how well that is known, and what the days say of leaks.
export function MeterCard({ series }: { series: Series }): preact.JSX.Element {
  const t = useText();
  const shown = useResource(
    `meter ${series.tenant} ${series.dev_eui} ${series.measure}`,
    (signal) => load(series, signal),
    60_000,
  );
  return (
    <section class="card" data-test="meter">
      <h2>{t('meter.title', { measure: measureName(series.measure) })}</h2>
      <Loaded resource={shown}>
        {({ hours, from, to, days, obis }) => (
          <>
            {obis && <p class="quiet small">OBIS {obis}</p>}
            <LoadProfile hours={loadProfile(hours, from, to)} measure={series.measure} unit={series.unit} />
            <Days days={days} measure={series.measure} unit={series.unit} />
            <p>
              <a href={href(['meters', series.dev_eui])} data-test="meter-report-link">
                {t('report.open')}
              </a>
            </p>
          </>
        )}
      </Loaded>
    </section>
  );
}

function Days({ days, measure, unit }: { days: readonly MeterDay[]; measure: string; unit: string }): preact.JSX.Element {
  const t = useText();
  if (days.length === 0) return <p class="quiet">{t('meter.nodays')}</p>;
  return (
    <div class="scroll">
      <MeterDays test="meter-days" days={days} measure={measure} unit={unit} />
    </div>
  );
}

import { meterReport, type MeterDay, type MeterRegister } from '../api/meters';
import { useResource } from '../api/resource';
import { windowsOf } from '../api/series';
import type { AggregateRow, Series } from '../api/types';
import { loadProfile } from '../format/load_profile';
import { measureName, valueText } from '../format/measures';
import { day } from '../format/time';
import { useText, type Key } from '../i18n';
import { Loaded } from '../parts/states';
import { LoadProfile } from '../plot/load_profile';

const hourMs = 3_600_000;
const shownDays = 7;
const findings = ['leak', 'burst', 'reverse', 'dry'] as const;

interface Shown {
  rows: AggregateRow[];
  from: number;
  to: number;
  days: MeterDay[];
  obis: string | null;
}

async function load(series: Series, signal: AbortSignal): Promise<Shown> {
  const to = Math.ceil(Date.now() / hourMs) * hourMs;
  const from = to - shownDays * 24 * hourMs;
  const query = {
    tenant: series.tenant,
    device: series.dev_eui,
    measure: series.measure,
    res: '1h',
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  };
  // A week may lie in two months.
  const first = new Date(from);
  const last = new Date(to);
  const months = [first, ...(first.getUTCMonth() === last.getUTCMonth() ? [] : [last])];
  const [windows, ...reports] = await Promise.all([
    windowsOf(query, shownDays * 24 + 1, signal),
    ...months.map((at) => meterReport(series.dev_eui, at.getUTCFullYear(), at.getUTCMonth() + 1, signal)),
  ]);
  const registers = reports
    .map((report) => report.registers.find(({ measure }) => measure === series.measure))
    .filter((register): register is MeterRegister => register !== undefined);
  const days = registers.flatMap((register) => register.days).filter((each) => Date.parse(each.end) > from);
  return { rows: windows.items, from, to, days, obis: registers[0]?.obis ?? null };
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
        {({ rows, from, to, days, obis }) => (
          <>
            {obis && <p class="quiet small">OBIS {obis}</p>}
            <LoadProfile hours={loadProfile(rows, from, to)} measure={series.measure} unit={series.unit} />
            <Days days={days} measure={series.measure} unit={series.unit} />
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
      <table data-test="meter-days">
        <thead>
          <tr>
            <th>{t('meter.day')}</th>
            <th class="num">{t('meter.amount')}</th>
            <th>{t('meter.quality')}</th>
            <th>{t('meter.findings')}</th>
          </tr>
        </thead>
        <tbody>
          {[...days].reverse().map((each) => (
            <tr key={each.start}>
              <td>{day(each.start)}</td>
              <td class="num">{valueText(measure, each.amount, unit)}</td>
              <td>{t(`quality.${each.quality}` as Key)}</td>
              <td>
                <Findings of={each} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// What is wrong; else that nothing is, or that it cannot be told.
function Findings({ of }: { of: MeterDay }): preact.JSX.Element {
  const t = useText();
  const wrong = findings.filter((finding) => of[finding] === 'yes');
  if (wrong.length > 0) {
    return (
      <>
        {wrong.map((finding) => (
          <span key={finding} class="badge finding">
            {t(`finding.${finding}`)}
          </span>
        ))}
      </>
    );
  }
  return <span class="quiet">{t(of.leak === 'no' ? 'meter.fine' : 'meter.unknown')}</span>;
}

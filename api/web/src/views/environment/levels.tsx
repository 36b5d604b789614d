import { openAlerts } from '../../api/alerts';
import { getAll } from '../../api/client';
import { waterLevelsOf, type LevelMeasure, type WaterLevel } from '../../api/environment';
import { useResource } from '../../api/resource';
import type { Latest } from '../../api/types';
import { alertTitle } from '../../format/alerts';
import { measureName, valueText } from '../../format/measures';
import { decimal } from '../../format/numbers';
import { ago, ahead, instant } from '../../format/time';
import { useText } from '../../i18n';
import { DeviceLink } from '../../parts/device_link';
import { FlaggedNote } from '../../parts/flagged_note';
import { useNow } from '../../parts/now';
import { StackedTable } from '../../parts/stacked_table';
import { Loaded } from '../../parts/states';
import { href } from '../../router';
import { useStore } from '../../store';

const most = 500;
const silentMs = 3 * 3_600_000;
const still = 0.005; // m in an hour: what a sensor's noise is taken for

interface Levels {
  now: Latest[];
  rising: WaterLevel[];
}

async function load(tenant: string, measure: LevelMeasure, signal: AbortSignal): Promise<Levels> {
  const [latest, rising] = await Promise.all([
    getAll<Latest>('latest', { tenant, measure, limit: most }, most, { signal }),
    waterLevelsOf(tenant, measure, signal),
  ]);
  return { now: latest.items, rising };
}

interface Level {
  level: Latest;
  rising: WaterLevel | undefined;
}

// Those that have reached most first, then those that will reach the next threshold soonest.
function byUrgency({ now, rising }: Levels): Level[] {
  const reached = ({ rising: of }: Level): number => of?.thresholds.filter((one) => one.reached).length ?? 0;
  const next = ({ rising: of }: Level): number =>
    Math.min(...(of?.thresholds.map(({ at }) => (at === null ? Infinity : instant(at))) ?? []), Number.MAX_VALUE);
  return now
    .map((level) => ({ level, rising: rising.find(({ dev_eui }) => dev_eui === level.dev_eui) }))
    .sort((a, b) => reached(b) - reached(a) || next(a) - next(b));
}

// Levels of streams or of the ground's water now, how fast they rise, how far it is to their thresholds, and what is open
// about them.
export function LevelsCard({ tenant, measure }: { tenant: string; measure: LevelMeasure }): preact.JSX.Element {
  const t = useText();
  const now = useNow();
  const found = useResource(`levels ${tenant} ${measure}`, (signal) => load(tenant, measure, signal), 30_000);
  return (
    <section class="card" data-test={measure === 'water_level' ? 'levels' : 'wells'}>
      <h2>{t(measure === 'water_level' ? 'levels.title' : 'wells.title')}</h2>
      <p class="quiet small">{t('levels.intro')}</p>
      <Loaded resource={found}>
        {(levels) => (
          <StackedTable
            test="level-list"
            columns={[
              { label: t('col.device') },
              { label: measureName(measure), num: true },
              { label: t('levels.rise'), num: true, hint: t('levels.rise.hint') },
              { label: t('levels.thresholds') },
              { label: t('alerts.title') },
              { label: t('col.seen'), num: true },
            ]}
            rows={byUrgency(levels).map(({ level, rising }) => ({
              key: level.dev_eui,
              cells: [
                <DeviceLink key="who" of={level} to={href(['series', level.dev_eui, measure], { tenant, range: '7d' })} />,
                <>
                  {valueText(measure, level.value, level.unit)}
                  {level.flagged && <FlaggedNote measure={measure} unit={level.unit} flagged={level.flagged} />}
                </>,
                <>
                  <Rise of={rising?.rise_per_hour ?? null} />
                  {typeof rising?.rise_per_hour_15min === 'number' && (
                    <span class="quiet below">{t('levels.quarter', { rise: riseText(rising.rise_per_hour_15min) })}</span>
                  )}
                </>,
                <Thresholds key="thresholds" of={rising} measure={measure} now={now} />,
                <Alerts key="alerts" of={level} measure={measure} now={now} />,
                ago(level.time, now),
              ],
            }))}
          />
        )}
      </Loaded>
      <p class="quiet small">{t('levels.rule')}</p>
    </section>
  );
}

function riseText(of: number): string {
  return `${of > 0 ? '+' : ''}${decimal(of * 100, 0)}\u202fcm/h`;
}

function Rise({ of }: { of: number | null }): preact.JSX.Element {
  const t = useText();
  if (of === null) return <>–</>;
  return (
    <>
      {Math.abs(of) < still ? '→' : of > 0 ? '↗' : '↘'} {riseText(of)}
      <span class="visually-hidden">
        {t(Math.abs(of) < still ? 'levels.still' : of > 0 ? 'levels.rises' : 'levels.falls')}
      </span>
    </>
  );
}

function Thresholds(props: { of: WaterLevel | undefined; measure: LevelMeasure; now: number }): preact.JSX.Element {
  const { of, measure, now } = props;
  const t = useText();
  if (!of || of.thresholds.length === 0) return <span class="quiet">{t(of?.level === null ? 'levels.nolevel' : 'levels.nothresholds')}</span>;
  return (
    <ul class="thresholds">
      {of.thresholds.map(({ parameter, value, reached, at }) => (
        <li key={parameter}>
          <span class={reached ? 'health poor' : at ? 'health fair' : 'quiet'}>
            {valueText(measure, value, 'm')}
            {reached ? ` · ${t('levels.reached')}` : at ? ` · ${ahead(at, now)}` : ''}
          </span>
        </li>
      ))}
    </ul>
  );
}

// No alert of a sensor that says nothing is no news.
function Alerts({ of, measure, now }: { of: Latest; measure: LevelMeasure; now: number }): preact.JSX.Element {
  const t = useText();
  const { items: open } = useStore(openAlerts);
  const alerts = open.filter((alert) => alert.dev_eui === of.dev_eui && alert.measure === measure);
  const silent = now - instant(of.time) > silentMs;
  if (alerts.length === 0)
    return <span class={silent ? 'health fair' : 'quiet'}>{t(silent ? 'levels.silent' : 'levels.quiet')}</span>;
  return (
    <>
      {alerts.map((alert) => (
        <span key={alert.rule} class={`badge severity-${alert.severity}`} title={alertTitle(alert)}>
          {t(`alert.severity.${alert.severity}`)}
        </span>
      ))}
    </>
  );
}

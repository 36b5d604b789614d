import { getAll } from '../../api/client';
import { indoorAirOf, mouldOf, type RoomAir, type RoomMould } from '../../api/indoors';
import { useResource } from '../../api/resource';
import type { Latest } from '../../api/types';
import { co2Level, co2Levels, dampOf, weekOf, type Damp, type RoomWeek } from '../../format/indoors';
import { valueText } from '../../format/measures';
import { decimal, integer, percent } from '../../format/numbers';
import { ago, instant } from '../../format/time';
import { useText } from '../../i18n';
import { DeviceLink } from '../../parts/device_link';
import { useNow } from '../../parts/now';
import { StackedTable } from '../../parts/stacked_table';
import { Empty, Loaded } from '../../parts/states';
import { href } from '../../router';

const dayMs = 86_400_000;
const shownDays = 7;
const silentMs = 2 * 3_600_000;
const mostRooms = 5_000;

interface Shown {
  now: Latest[];
  air: RoomAir[];
  mould: RoomMould[];
}

async function load(tenant: string, site: string, withMould: boolean, signal: AbortSignal): Promise<Shown> {
  const place = { tenant, site, from: new Date(Date.now() - shownDays * dayMs).toISOString() };
  const [latest, air, mould] = await Promise.all([
    getAll<Latest>('latest', { tenant, measure: 'co2', limit: mostRooms }, mostRooms, { signal }),
    indoorAirOf(place, signal),
    withMould ? mouldOf(place, signal) : [],
  ]);
  return { now: latest.items.filter((one) => one.site === site), air, mould };
}

// The rooms of one site: the traffic light of their air now, its share of the week's opening hours, and damp walls.
export function RoomAirCard(props: { tenant: string; site: string; mould: boolean }): preact.JSX.Element {
  const t = useText();
  const { tenant, site, mould } = props;
  const found = useResource(`rooms ${tenant} ${site} ${mould}`, (signal) => load(tenant, site, mould, signal), 60_000);
  return (
    <section class="card table-card" data-test="room-air">
      <h2>{t('co2.title')}</h2>
      <p class="quiet">{t('co2.intro')}</p>
      <ul class="plot-legend padded">
        {co2Levels.map(({ level }) => (
          <li key={level}>
            <i class={`bar-key co2-${level}`} />
            {t(`co2.level.${level}`)} ({t(`co2.range.${level}`)})
          </li>
        ))}
      </ul>
      <Loaded resource={found}>
        {(shown) => (shown.air.length === 0 ? <Empty>{t('co2.none')}</Empty> : <Rooms shown={shown} {...props} />)}
      </Loaded>
      <p class="foot quiet">{t(mould ? 'co2.rule.mould' : 'co2.rule')}</p>
    </section>
  );
}

function Rooms({ shown, tenant, mould }: { shown: Shown; tenant: string; mould: boolean }): preact.JSX.Element {
  const t = useText();
  return (
    <StackedTable
      test="rooms"
      columns={[
        { label: t('co2.room') },
        { label: t('co2.now') },
        { label: t('co2.week'), hint: t('co2.week.hint') },
        { label: t('co2.highest'), num: true, hint: t('co2.highest.hint') },
        ...(mould ? [{ label: t('mould.title'), hint: t('mould.hint') }] : []),
        { label: t('col.coverage'), num: true },
      ]}
      rows={shown.air.map((room) => {
        const week = weekOf(room);
        const damp = dampOf(shown.mould.find(({ dev_eui }) => dev_eui === room.dev_eui)?.days ?? []);
        return {
          key: room.dev_eui,
          cells: [
            <DeviceLink key="who" of={room} to={href(['series', room.dev_eui, 'co2'], { tenant, range: '7d' })} />,
            <Now key="now" of={shown.now.find(({ dev_eui }) => dev_eui === room.dev_eui)} />,
            <Week key="week" of={week} />,
            week.highest === null ? '–' : `${integer(week.highest)}\u202fppm`,
            ...(mould ? [<Walls key="mould" of={damp} />] : []),
            <Covered key="covered" of={week} />,
          ],
        };
      })}
    />
  );
}

function Now({ of }: { of: Latest | undefined }): preact.JSX.Element {
  const t = useText();
  const now = useNow();
  if (!of) return <span class="quiet">{t('co2.never')}</span>;
  if (now - instant(of.time) > silentMs)
    return <span class="health fair">{t('co2.silent', { ago: ago(of.time, now) })}</span>;
  const level = co2Level(of.value);
  return (
    <>
      <span class={`badge co2-${level}`}>{t(`co2.level.${level}`)}</span>
      <span class="quiet below">
        {valueText('co2', of.value, of.unit)} · {ago(of.time, now)}
      </span>
    </>
  );
}

// The classes' shares as one bar, and as text.
function Week({ of }: { of: RoomWeek }): preact.JSX.Element {
  const t = useText();
  const { shares } = of;
  if (!shares) return <span class="quiet">{t('co2.closed')}</span>;
  const says = co2Levels.map(({ level }) => `${t(`co2.level.${level}`)} ${percent(shares[level])}`).join(', ');
  return (
    <span class="shares-cell">
      <span class="shares" role="img" aria-label={says} title={says}>
        {co2Levels.map(({ level }) => (
          <i key={level} class={`co2-${level}`} style={{ flexGrow: shares[level] }} />
        ))}
      </span>
      <span class="quiet small">{t('co2.good', { share: percent(shares.harmless) })}</span>
    </span>
  );
}

function Walls({ of }: { of: Damp | null }): preact.JSX.Element {
  const t = useText();
  if (of === null || of.hours === 0) return <span class="quiet">–</span>;
  return (
    <>
      <span class={of.risk ? 'health poor' : of.valid ? undefined : 'health fair'}>
        {t(of.risk ? 'mould.risk' : of.valid ? 'mould.fine' : 'mould.unknown')}
      </span>
      <span class="quiet below">{t('mould.hours', { hours: decimal(of.criticalHours, 0), all: decimal(of.hours, 0) })}</span>
    </>
  );
}

function Covered({ of }: { of: RoomWeek }): preact.JSX.Element {
  const t = useText();
  if (of.open === 0) return <>–</>;
  const text = percent(of.known / of.open);
  return <span class={of.valid ? undefined : 'health fair'}>{of.valid ? text : `${text} · ${t('plot.invalid')}`}</span>;
}

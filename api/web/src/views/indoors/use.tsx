import { roomsOf, type Rooms, type RoomUse } from '../../api/indoors';
import { useResource } from '../../api/resource';
import { decimal, integer, percent } from '../../format/numbers';
import { calendarDate, minute } from '../../format/time';
import { useText } from '../../i18n';
import { DeviceLink } from '../../parts/device_link';
import { StackedTable } from '../../parts/stacked_table';
import { Empty, Loaded } from '../../parts/states';
import { TableBehind } from '../../parts/table_behind';
import { Bars } from '../../plot/bars';
import { BarLegend } from '../../plot/bar_legend';

const dayMs = 86_400_000;
const shownDays = 14;
const enough = 0.75;

// How the rooms of one site are used in their opening hours.
export function RoomUseCard({ tenant, site }: { tenant: string; site: string }): preact.JSX.Element {
  const t = useText();
  const found = useResource(
    `room use ${tenant} ${site}`,
    (signal) => roomsOf({ tenant, site, from: new Date(Date.now() - shownDays * dayMs).toISOString() }, signal),
    300_000,
  );
  return (
    <section class="card" data-test="room-use">
      <h2>{t('use.title')}</h2>
      <p class="quiet small">{t('use.intro')}</p>
      <Loaded resource={found}>
        {(rooms) => (rooms.items.length === 0 ? <Empty>{t('plot.nodata')}</Empty> : <Shown rooms={rooms} />)}
      </Loaded>
    </section>
  );
}

function share(value: number | null): string {
  return value === null ? '–' : percent(value);
}

function Shown({ rooms }: { rooms: Rooms }): preact.JSX.Element {
  const t = useText();
  const open = rooms.days.filter((day) => day.open_rooms > 0);
  const peak = (day: Rooms['days'][number]): string =>
    day.peak
      ? t('use.peak.at', { rooms: decimal(day.peak.occupied, 1), of: integer(day.open_rooms), time: minute(day.peak.start) })
      : '–';
  return (
    <>
      <Bars
        bars={open.map((day) => ({
          key: day.date,
          value: day.occupancy,
          weak: (day.coverage ?? 0) < enough,
          says: `${calendarDate(day.date)}: ${share(day.occupancy)}, ${t('use.peak')} ${peak(day)}`,
          tick: calendarDate(day.date),
        }))}
        top={1}
        label={t('use.days')}
        shown={(value) => percent(value)}
        legend={<BarLegend keys={[{ tone: '', label: t('use.taken') }]} />}
      />
      <StackedTable
        test="room-use-rooms"
        columns={[
          { label: t('co2.room') },
          { label: t('use.taken'), num: true },
          { label: t('col.coverage'), num: true },
        ]}
        rows={rooms.items.map((room) => ({
          key: room.dev_eui,
          cells: [<Who key="who" of={room} />, share(room.occupancy), share(room.coverage)],
        }))}
      />
      <TableBehind
        test="room-use-days"
        summary={t('days.table')}
        columns={[
          { label: t('meter.day') },
          { label: t('use.taken'), num: true },
          { label: t('use.peak') },
          { label: t('col.coverage'), num: true },
        ]}
        rows={[...open].reverse().map((day) => ({
          key: day.date,
          weak: (day.coverage ?? 0) < enough,
          cells: [calendarDate(day.date), share(day.occupancy), peak(day), share(day.coverage)],
        }))}
      />
    </>
  );
}

// A room that nobody senses but by its air says so.
function Who({ of }: { of: RoomUse }): preact.JSX.Element {
  const t = useText();
  return (
    <>
      <DeviceLink of={of} />
      {of.proxy && (
        <>
          {' '}
          <span class="badge" title={t('use.proxy.hint')}>
            {t('use.proxy')}
          </span>
        </>
      )}
    </>
  );
}

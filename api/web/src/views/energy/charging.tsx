import type { Series } from '../../api/types';
import { chargePointsOf, type Charging, type ChargePoint } from '../../api/utilisation';
import { valueText } from '../../format/measures';
import { integer, percent } from '../../format/numbers';
import { siteOptions } from '../../format/stations';
import { calendarDate } from '../../format/time';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';
import { DeviceLink } from '../../parts/device_link';
import { StackedTable } from '../../parts/stacked_table';
import { TableBehind } from '../../parts/table_behind';

const dayMs = 86_400_000;
const shownDays = 7;
const enough = 0.75;

// Charge points: what they gave, how often, and how long cars stood there without charging.
export function ChargingCard({ tenant, points }: { tenant: string; points: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  const known = new Set(points.map(({ dev_eui }) => dev_eui));
  return (
    <ChoiceCard
      test="charging"
      title={t('charging.title')}
      intro={t('charging.intro')}
      label={t('col.site')}
      options={siteOptions(points)}
      name={`charging ${tenant}`}
      everyMs={300_000}
      load={async (site, signal) => {
        const from = new Date(Date.now() - shownDays * dayMs).toISOString();
        return (await chargePointsOf({ tenant, site, from }, signal)).filter(({ dev_eui }) => known.has(dev_eui));
      }}
      isEmpty={(found) => found.length === 0}
      nothing={t('indoors.nosite')}
    >
      {(found) => <Shown points={found} />}
    </ChoiceCard>
  );
}

function share(value: number | null): string {
  return value === null ? '–' : percent(value);
}

function Shown({ points }: { points: readonly ChargePoint[] }): preact.JSX.Element {
  const t = useText();
  const columns = [
    { label: t('charging.energy'), num: true },
    { label: t('charging.sessions'), num: true },
    { label: t('charging.taken'), num: true },
    { label: t('charging.idle'), num: true, hint: t('charging.idle.hint') },
    { label: t('charging.known'), num: true, hint: t('charging.known.hint') },
  ];
  const cells = (of: Charging, unit: string): preact.ComponentChildren[] => [
    valueText('energy', of.energy, unit),
    integer(of.sessions),
    share(of.occupancy),
    share(of.idle_share),
    <span key="known" class={(of.availability ?? 0) < enough ? 'health fair' : undefined}>
      {share(of.availability)}
    </span>,
  ];
  return (
    <>
      <StackedTable
        test="charge-points"
        columns={[{ label: t('charging.point') }, ...columns]}
        rows={points.map((point) => ({
          key: point.dev_eui,
          cells: [<DeviceLink key="who" of={point} />, ...cells(point, point.unit)],
        }))}
      />
      <TableBehind
        test="charging-days"
        summary={t('days.table')}
        columns={[{ label: t('charging.point') }, { label: t('meter.day') }, ...columns]}
        rows={points.flatMap((point) =>
          [...point.days].reverse().map((day) => ({
            key: `${point.dev_eui} ${day.date}`,
            weak: (day.availability ?? 0) < enough,
            cells: [point.device, calendarDate(day.date), ...cells(day, point.unit)],
          })),
        )}
      />
    </>
  );
}

import { batteriesOf, mostBatteries, type Battery } from '../../api/batteries';
import type { Series } from '../../api/types';
import { useMeasured } from '../../api/measured';
import { decimal } from '../../format/numbers';
import { placeOptions } from '../../format/stations';
import { ago, ahead, instant, longDate } from '../../format/time';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';
import { DeviceLink } from '../../parts/device_link';
import { useNow } from '../../parts/now';
import { StackedTable } from '../../parts/stacked_table';
import { Empty, Loaded } from '../../parts/states';

const measure = 'battery_level';
const soonMs = 60 * 86_400_000;
const lowLevel = 20;
const shown = 25;

// Whose battery has to be changed next, in one town: of the whole region they would be too many.
export function BatteriesCard({ tenant }: { tenant: string }): preact.JSX.Element {
  const t = useText();
  const measured = useMeasured(tenant, [measure]);
  if (!tenant)
    return (
      <section class="card" data-test="batteries">
        <h2>{t('batteries.title')}</h2>
        <Empty>{t('batteries.town')}</Empty>
      </section>
    );
  return (
    <Loaded resource={measured}>{({ [measure]: sensors }) => <Town key={tenant} tenant={tenant} sensors={sensors} />}</Loaded>
  );
}

function Town({ tenant, sensors }: { tenant: string; sensors: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  return (
    <ChoiceCard
      test="batteries"
      title={t('batteries.title')}
      intro={t('batteries.intro')}
      label={t('col.site')}
      options={sensors.length === 0 ? [] : placeOptions(sensors, mostBatteries, t('place.all'))}
      name={`batteries ${tenant}`}
      everyMs={600_000}
      load={(site, signal) => batteriesOf({ tenant, site }, signal)}
      isEmpty={(items) => items.length === 0}
      nothing={t('batteries.none')}
      empty={t('batteries.nodays')}
    >
      {(items) => <Shown items={items} />}
    </ChoiceCard>
  );
}

function Shown({ items }: { items: readonly Battery[] }): preact.JSX.Element {
  const t = useText();
  const now = useNow();
  return (
    <>
      <StackedTable
        test="battery-list"
        columns={[
          { label: t('col.device') },
          { label: t('batteries.empty'), hint: t('batteries.empty.hint') },
          { label: t('measure.battery_level') },
          { label: t('batteries.rate'), num: true },
        ]}
        rows={items.slice(0, shown).map((battery) => ({
          key: battery.dev_eui,
          cells: [
            <DeviceLink key="who" of={battery} />,
            <End key="end" of={battery} now={now} />,
            <Level key="level" of={battery} now={now} />,
            battery.slope_per_day === null ? '–' : t('batteries.peryear', { points: decimal(battery.slope_per_day * 365, 0) }),
          ],
        }))}
      />
      {items.length > shown && <p class="quiet small">{t('state.truncated', { count: shown })}</p>}
    </>
  );
}

function End({ of, now }: { of: Battery; now: number }): preact.JSX.Element {
  const t = useText();
  if (of.empty === null)
    return <span class="quiet">{t(of.slope_per_day === null ? 'batteries.why.few' : 'batteries.why.still')}</span>;
  const soon = instant(of.empty) <= now + soonMs;
  return (
    <>
      <span class={soon ? 'health poor' : undefined}>{ahead(of.empty, now)}</span>
      <span class="quiet below">{longDate(of.empty)}</span>
    </>
  );
}

function Level({ of, now }: { of: Battery; now: number }): preact.JSX.Element {
  const text = `${decimal(of.level, 0)}\u202f%`;
  return (
    <span class="meter-cell">
      <meter min={0} max={100} value={of.level}>
        {text}
      </meter>
      <span class={of.level <= lowLevel ? 'health fair' : undefined}>{text}</span>
      <span class="quiet below">{ago(of.time, now)}</span>
    </span>
  );
}

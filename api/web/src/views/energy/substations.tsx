import { useState } from 'preact/hooks';
import { substationsOf, type Substation, type SubstationOrder, type Substations } from '../../api/meters';
import { useResource } from '../../api/resource';
import { monthAfter, monthOf, monthText, type Month } from '../../format/months';
import { decimal, fixed, integer } from '../../format/numbers';
import { monthName } from '../../format/time';
import { useText } from '../../i18n';
import { DeviceLink } from '../../parts/device_link';
import { SelectField } from '../../parts/select_field';
import { StackedTable } from '../../parts/stacked_table';
import { Empty, Loaded } from '../../parts/states';

const orders = ['specific_volume', 'temperature_difference', 'return_temperature'] as const;
const shownMonths = 12;
const most = 25;

// Which substations of district heating cool their water worst: there the network loses most.
export function SubstationsCard({ tenant }: { tenant: string }): preact.JSX.Element {
  const t = useText();
  const now = new Date();
  const current = { year: now.getFullYear(), month: now.getMonth() + 1 };
  const [wanted, setMonth] = useState(monthText(current));
  const [by, setOrder] = useState<SubstationOrder>('specific_volume');
  const month = monthOf(wanted, current);
  const months = Array.from({ length: shownMonths }, (_, i) => monthAfter(current, -i));
  const label = (of: Month): string => `${monthName(of.year, of.month - 1)} ${of.year}`;
  const found = useResource(
    `substations ${tenant} ${wanted} ${by}`,
    (signal) => substationsOf({ tenant, ...month, by }, signal),
    600_000,
  );
  return (
    <section class="card table-card" data-test="substations">
      <h2>{t('substations.title')}</h2>
      <p class="quiet">{t('substations.intro')}</p>
      <div class="controls padded">
        <SelectField
          label={t('climate.month')}
          value={wanted}
          options={months.map((of) => ({ value: monthText(of), label: label(of) }))}
          change={setMonth}
        />
        <SelectField
          label={t('substations.by')}
          value={by}
          options={orders.map((value) => ({ value, label: t(`substations.${value}`) }))}
          change={(value) => setOrder(orders.find((order) => order === value) ?? 'specific_volume')}
        />
      </div>
      <Loaded resource={found}>
        {(substations) => (substations.items.length > 0 ? <Shown of={substations} /> : <Empty>{t('substations.none')}</Empty>)}
      </Loaded>
    </section>
  );
}

function Shown({ of }: { of: Substations }): preact.JSX.Element {
  const t = useText();
  return (
    <>
      <StackedTable
        test="substation-list"
        columns={[
          { label: t('substations.rank'), num: true },
          { label: t('col.device') },
          { label: t('substations.specific_volume'), num: true },
          { label: t('substations.temperature_difference'), num: true },
          { label: t('substations.return_temperature'), num: true },
          { label: t('substations.heat'), num: true },
          { label: t('substations.days'), num: true },
        ]}
        rows={of.items.slice(0, most).map((one) => ({
          key: one.dev_eui,
          cells: [
            one.rank === null ? '–' : integer(one.rank),
            <DeviceLink key="who" of={one} />,
            one.specific_volume === null ? '–' : `${decimal(one.specific_volume, 1)}\u202fm³/MWh`,
            one.temperature_difference === null ? '–' : `${fixed(one.temperature_difference, 1)}\u202fK`,
            one.return_temperature === null ? '–' : `${fixed(one.return_temperature, 1)}\u202f°C`,
            `${decimal(one.energy, 0)}\u202fkWh`,
            <Days key="days" of={one} possible={of.possible_days} />,
          ],
        }))}
      />
      {of.items.length > most && <p class="foot quiet">{t('state.truncated', { count: integer(most) })}</p>}
      <p class="foot quiet">{t('substations.rule')}</p>
    </>
  );
}

// Why one has no place stands beside how much is known of it.
function Days({ of, possible }: { of: Substation; possible: number }): preact.JSX.Element {
  const t = useText();
  return (
    <>
      {t('climate.days.of', { days: integer(of.days), expected: integer(possible) })}
      {of.left_out && <span class="quiet below">{t(`substations.left.${of.left_out}`)}</span>}
    </>
  );
}

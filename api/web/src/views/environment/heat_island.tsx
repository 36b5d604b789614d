import { useState } from 'preact/hooks';
import { heatIslandOf, type HeatIsland, type HeatNight } from '../../api/environment';
import { useResource } from '../../api/resource';
import type { Series } from '../../api/types';
import { fixed, integer } from '../../format/numbers';
import { calendarDate } from '../../format/time';
import { useText } from '../../i18n';
import { SelectField } from '../../parts/select_field';
import { Empty, Loaded } from '../../parts/states';
import { TableBehind } from '../../parts/table_behind';
import { Bars } from '../../plot/bars';
import { sitesOf } from '../../format/stations';

const dayMs = 86_400_000;
const shownNights = 30;

// How much warmer one place is at night than another: the town's centre against its fields.
export function HeatIslandCard(props: { tenant: string; stations: readonly Series[] }): preact.JSX.Element | null {
  const t = useText();
  const { tenant } = props;
  const sites = sitesOf(props.stations);
  const [site, setSite] = useState(sites[0] ?? '');
  const [chosen, setReference] = useState(sites[1] ?? '');
  const reference = chosen === site ? (sites.find((other) => other !== site) ?? '') : chosen;
  const found = useResource(
    site && reference ? `heat ${tenant} ${site} ${reference}` : null,
    (signal) =>
      heatIslandOf({ tenant, site, reference, from: new Date(Date.now() - shownNights * dayMs).toISOString() }, signal),
    600_000,
  );
  if (sites.length < 2) return null;
  const options = sites.map((value) => ({ value, label: value }));
  return (
    <section class="card" data-test="heat-island">
      <h2>{t('heat.title')}</h2>
      <p class="quiet small">{t('heat.intro')}</p>
      <div class="controls">
        <SelectField label={t('heat.site')} value={site} options={options} change={setSite} />
        <SelectField
          label={t('heat.reference')}
          value={reference}
          options={options.filter(({ value }) => value !== site)}
          change={setReference}
        />
      </div>
      <Loaded resource={found}>
        {(heat) => (heat.items.length > 0 ? <Shown heat={heat} /> : <Empty>{t('heat.none')}</Empty>)}
      </Loaded>
    </section>
  );
}

function difference(night: HeatNight): string {
  return `${night.difference > 0 ? '+' : ''}${fixed(night.difference, 1)}\u202fK`;
}

function Shown({ heat }: { heat: HeatIsland }): preact.JSX.Element {
  const t = useText();
  const hoursOf = (night: HeatNight): string =>
    t('heat.hours', { hours: integer(night.hours), possible: integer(night.possible_hours) });
  const unknown = heat.references.some(({ height_difference }) => height_difference === null);
  return (
    <>
      <Bars
        bars={heat.items.map((night, i) => ({
          key: night.date,
          value: night.difference,
          tone: night.difference >= 0 ? 'warmer' : 'cooler',
          weak: !night.valid,
          says: `${calendarDate(night.date)}: ${difference(night)}, ${hoursOf(night)}${night.valid ? '' : `, ${t('plot.invalid')}`}`,
          ...(i % 7 === 0 ? { tick: calendarDate(night.date) } : {}),
        }))}
        label={t('heat.title')}
        shown={(value) => `${fixed(value, 1)}\u202fK`}
        legend={
          <>
            <li>
              <i class="bar-key warmer" />
              {t('heat.warmer')}
            </li>
            <li>
              <i class="bar-key cooler" />
              {t('heat.cooler')}
            </li>
            <li>
              <i class="bar-key weak" />
              {t('plot.invalid')}
            </li>
          </>
        }
      />
      {unknown && <p class="quiet small">{t('heat.height')}</p>}
      <TableBehind
        test="heat-nights"
        columns={[
          { label: t('heat.night') },
          { label: t('heat.difference'), num: true },
          { label: t('col.coverage'), num: true },
        ]}
        rows={[...heat.items].reverse().map((night) => ({
          key: night.date,
          cells: [calendarDate(night.date), difference(night), `${hoursOf(night)}${night.valid ? '' : ` (${t('plot.invalid')})`}`],
          weak: !night.valid,
        }))}
      />
    </>
  );
}

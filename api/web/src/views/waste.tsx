import { useState } from 'preact/hooks';
import { useResource } from '../api/resource';
import type { Series } from '../api/types';
import { mostContainers, wasteOf, type Container } from '../api/utilisation';
import { decimal, integer } from '../format/numbers';
import { placeOptions } from '../format/stations';
import { ago, ahead, dateTime, instant } from '../format/time';
import { useText, type Key } from '../i18n';
import { DeviceLink } from '../parts/device_link';
import { MeasuredTown } from '../parts/measured_town';
import { useNow } from '../parts/now';
import { SelectField } from '../parts/select_field';
import { StackedTable } from '../parts/stacked_table';
import { Empty, Loaded } from '../parts/states';
import { href } from '../router';

const measure = 'fill_level';
const soonMs = 24 * 3_600_000;

// What a lorry has to fetch: the containers of a town, those that are due first at the top.
export function WasteView(): preact.JSX.Element {
  const t = useText();
  return (
    <MeasuredTown title={t('waste.title')} intro={t('waste.intro')} measures={[measure]}>
      {(tenant, { [measure]: sensors }) =>
        sensors.length === 0 ? <Empty>{t('waste.none')}</Empty> : <Containers tenant={tenant} sensors={sensors} />
      }
    </MeasuredTown>
  );
}

function Containers({ tenant, sensors }: { tenant: string; sensors: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  const options = placeOptions(sensors, mostContainers, t('place.all'));
  const [site, setSite] = useState(options[0]?.value ?? '');
  const found = useResource(`waste ${tenant} ${site}`, (signal) => wasteOf({ tenant, site }, signal), 120_000);
  return (
    <>
      {options.length > 1 && (
        <div class="controls">
          <SelectField label={t('col.site')} value={site} options={options} change={setSite} />
        </div>
      )}
      <Loaded resource={found}>
        {({ items }) => (items.length === 0 ? <Empty>{t('waste.nohours')}</Empty> : <Shown items={items} tenant={tenant} />)}
      </Loaded>
    </>
  );
}

function Shown({ items, tenant }: { items: readonly Container[]; tenant: string }): preact.JSX.Element {
  const t = useText();
  const now = useNow();
  const dueBy = (end: number): number => items.filter(({ due }) => due !== null && instant(due) <= end).length;
  const figures: readonly [Key, number][] = [
    ['waste.due.now', dueBy(now)],
    ['waste.due.day', dueBy(now + soonMs)],
    ['waste.due.unknown', items.filter(({ due }) => due === null).length],
  ];
  return (
    <>
      <dl class="figures" data-test="waste-figures">
        {figures.map(([key, count]) => (
          <div key={key} class="figure">
            <dt>{t(key)}</dt>
            <dd>
              <strong>{integer(count)}</strong>
            </dd>
            <dd>{t('kpi.of', { total: integer(items.length) })}</dd>
          </div>
        ))}
      </dl>
      <div class="card table-card">
        <StackedTable
          test="containers"
          columns={[
            { label: t('waste.container') },
            { label: t('waste.due'), hint: t('waste.due.hint') },
            { label: t('waste.fill') },
            { label: t('waste.rate'), num: true, hint: t('waste.rate.hint') },
            { label: t('waste.emptied') },
            { label: t('waste.full'), num: true, hint: t('waste.full.hint') },
          ]}
          rows={items.map((container) => ({
            key: container.dev_eui,
            cells: [
              <DeviceLink key="who" of={container} to={href(['series', container.dev_eui, measure], { tenant, range: '7d' })} />,
              <Due key="due" of={container} now={now} />,
              <Fill key="fill" of={container} now={now} />,
              container.slope === null ? '–' : t('waste.perday', { points: decimal(container.slope * 24, 1) }),
              <Emptied key="emptied" of={container} now={now} />,
              t('unit.hours', { n: decimal(container.full_hours, 0) }),
            ],
          }))}
        />
        <p class="foot quiet">{t('waste.rule')}</p>
      </div>
    </>
  );
}

// When, or why nobody knows.
function Due({ of, now }: { of: Container; now: number }): preact.JSX.Element {
  const t = useText();
  if (of.due === null) return <span class="quiet">{t(of.slope === null ? 'waste.why.few' : 'waste.why.still')}</span>;
  const over = instant(of.due) <= now;
  const soon = instant(of.due) <= now + soonMs;
  return (
    <>
      <span class={over ? 'health poor' : soon ? 'health fair' : 'strong'}>{over ? t('waste.now') : ahead(of.due, now)}</span>
      {!over && <span class="quiet below">{dateTime(of.due)}</span>}
    </>
  );
}

function Fill({ of, now }: { of: Container; now: number }): preact.JSX.Element {
  const text = `${decimal(of.fill, 0)}\u202f%`;
  return (
    <span class="meter-cell">
      <meter min={0} max={100} value={of.fill}>
        {text}
      </meter>
      <span>{text}</span>
      <span class="quiet below">{ago(of.time, now)}</span>
    </span>
  );
}

function Emptied({ of, now }: { of: Container; now: number }): preact.JSX.Element {
  const t = useText();
  const last = of.emptyings.at(-1);
  if (!last) return <span class="quiet">{t('waste.notemptied')}</span>;
  return (
    <>
      {ago(last.time, now)}
      <span class="quiet below">{t('waste.emptied.at', { fill: `${decimal(last.fill, 0)}\u202f%` })}</span>
    </>
  );
}

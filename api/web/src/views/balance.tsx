import { useState } from 'preact/hooks';
import { meterBalance, type BalanceItem } from '../api/meters';
import { useResource } from '../api/resource';
import type { Series } from '../api/types';
import { valueText } from '../format/measures';
import { integer, percent } from '../format/numbers';
import { calendarDate } from '../format/time';
import { dateOf } from '../format/calendar';
import { useText } from '../i18n';
import { MeasuredTown } from '../parts/measured_town';
import { SelectField } from '../parts/select_field';
import { Empty, Loaded } from '../parts/states';
import { TableBehind } from '../parts/table_behind';
import { Bars } from '../plot/bars';
import { href, replaceRoute, useRoute } from '../router';
import { sitesOf, stationOptions } from '../format/stations';

const measure = 'water_volume';
const dayMs = 86_400_000;
const shownDays = 14;
const structures = ['rural', 'urban', 'city'] as const;

// A waterworks' zone: what runs in, what its meters count, and what is missing between the two.
export function BalanceView(): preact.JSX.Element {
  const t = useText();
  return (
    <MeasuredTown title={t('balance.title')} intro={t('balance.intro')} measures={[measure]}>
      {(tenant, { [measure]: meters }) =>
        meters.length === 0 ? <Empty>{t('balance.nometers')}</Empty> : <Zone tenant={tenant} meters={meters} />
      }
    </MeasuredTown>
  );
}

function Zone({ tenant, meters }: { tenant: string; meters: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  const { path, query } = useRoute();
  const sites = sitesOf(meters);
  const zone = query.get('zone') || sites[0] || '';
  const inflow = query.get('inflow') || '';
  const structure = structures.find((one) => one === query.get('structure')) ?? 'rural';
  const [length, setLength] = useState(query.get('network_m') ?? '');
  const network = /^[1-9]\d{0,6}$/.test(length) ? length : '';
  const [use, setUse] = useState(query.get('night_use') ?? '');
  const nightUse = /^\d{1,4}([.]\d{1,3})?$/.test(use) ? use : '';
  const go = (next: Record<string, string>): void =>
    replaceRoute(href(path, { tenant, zone, inflow, structure, network_m: network, night_use: nightUse, ...next }));
  const found = useResource(
    zone && inflow ? `balance ${tenant} ${zone} ${inflow} ${structure} ${network} ${nightUse}` : null,
    (signal) =>
      meterBalance(
        {
          tenant,
          zone,
          inflow,
          structure,
          network_m: network,
          night_use: nightUse,
          from: new Date(Date.now() - shownDays * dayMs).toISOString(),
        },
        signal,
      ),
    300_000,
  );
  const names = new Map(meters.map(({ dev_eui, device }) => [dev_eui, device || dev_eui]));
  return (
    <section class="card" data-test="balance">
      <div class="controls">
        <SelectField
          label={t('balance.zone')}
          value={zone}
          options={sites.map((value) => ({ value, label: value }))}
          change={(next) => go({ zone: next })}
        />
        <SelectField
          label={t('balance.inflow')}
          value={inflow}
          options={[{ value: '', label: t('balance.choose') }, ...stationOptions(meters)]}
          change={(next) => go({ inflow: next })}
        />
        <label class="field">
          <span>{t('balance.length')}</span>
          <input
            type="number"
            min={1}
            max={9_999_999}
            inputMode="numeric"
            value={length}
            onChange={(event) => {
              setLength(event.currentTarget.value);
              go({ network_m: event.currentTarget.value });
            }}
          />
        </label>
        <label class="field">
          <span>{t('balance.use')}</span>
          <input
            type="number"
            min={0}
            max={9_999}
            step={0.001}
            inputMode="decimal"
            placeholder={t('balance.use.none')}
            value={use}
            onChange={(event) => {
              setUse(event.currentTarget.value);
              go({ night_use: event.currentTarget.value });
            }}
          />
        </label>
        <SelectField
          label={t('balance.structure')}
          value={structure}
          options={structures.map((value) => ({ value, label: t(`balance.structure.${value}`) }))}
          change={(next) => go({ structure: next })}
        />
      </div>
      {inflow && (
        <p>
          <a href={href(['meters', inflow])} data-test="inflow-report">
            {t('report.of', { meter: names.get(inflow) ?? inflow })}
          </a>
        </p>
      )}
      {inflow ? (
        <Loaded resource={found}>
          {(items) => (items.length > 0 ? <Shown items={items} names={names} /> : <Empty>{t('plot.nodata')}</Empty>)}
        </Loaded>
      ) : (
        <Empty>{t('balance.need')}</Empty>
      )}
    </section>
  );
}

function Shown({ items, names }: { items: readonly BalanceItem[]; names: Map<string, string> }): preact.JSX.Element {
  const t = useText();
  const amount = (item: BalanceItem, value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : valueText(measure, value, item.unit);
  const perHour = (item: BalanceItem, value: number | null | undefined): string =>
    `${amount(item, value)}${typeof value === 'number' ? '/h' : ''}`;
  const date = (item: BalanceItem): string => calendarDate(dateOf(item.start));
  const loss = (item: BalanceItem): string => (item.loss ? t(`balance.loss.${item.loss}`) : '–');
  const silent = [...new Set(items.flatMap(({ consumption, inflow }) => [...consumption.not_reporting, ...inflow.not_reporting]))];
  const unit = items[0]?.unit ?? 'm3';
  return (
    <>
      <Bars
        bars={items.map((item, i) => ({
          key: item.start,
          value: item.difference,
          tone: item.loss === 'high' ? 'loss-high' : item.loss === 'medium' ? 'loss-medium' : 'warmer',
          weak: !item.final,
          says: [
            `${date(item)}: ${item.difference === null ? t('balance.unknown') : amount(item, item.difference)}`,
            ...(item.loss ? [loss(item)] : []),
            ...(item.final ? [] : [t('plot.provisional')]),
          ].join(', '),
          ...(i % 2 === 0 ? { tick: date(item) } : {}),
        }))}
        label={t('balance.plot')}
        shown={(value) => valueText(measure, value, unit)}
        legend={
          <>
            <li>
              <i class="bar-key warmer" />
              {t('balance.difference')}
            </li>
            {(['medium', 'high'] as const)
              .filter((class_) => items.some(({ loss: found }) => found === class_))
              .map((class_) => (
                <li key={class_}>
                  <i class={`bar-key loss-${class_}`} />
                  {t('balance.loss')}: {t(`balance.loss.${class_}`)}
                </li>
              ))}
            <li>
              <i class="bar-key weak" />
              {t('plot.provisional')}
            </li>
            <li>
              <i class="bar-key gap" />
              {t('balance.unknown')}
            </li>
          </>
        }
      />
      {silent.length > 0 && (
        <details class="missing">
          <summary>{t('balance.silent', { count: integer(silent.length) })}</summary>
          <ul class="links">
            {silent.map((eui) => (
              <li key={eui}>
                <a href={href(['meters', eui])}>{names.get(eui) ?? eui}</a>
              </li>
            ))}
          </ul>
        </details>
      )}
      <TableBehind
        test="balance-days"
        columns={[
          { label: t('meter.day') },
          { label: t('balance.in'), num: true },
          { label: t('balance.out'), num: true },
          { label: t('balance.difference'), num: true },
          { label: t('balance.night'), num: true },
          { label: t('balance.loss') },
          { label: t('col.coverage'), num: true },
          { label: t('col.state') },
        ]}
        rows={[...items].reverse().map((item) => ({
          key: item.start,
          weak: !item.final,
          cells: [
            date(item),
            amount(item, item.inflow.amount),
            amount(item, item.consumption.amount),
            amount(item, item.difference),
            <>
              {`${perHour(item, item.night_flow)}${item.night_clock_change ? ` (${t('balance.clock')})` : ''}`}
              {typeof item.net_night_flow === 'number' && (
                <span class="quiet below">{t('balance.net', { amount: perHour(item, item.net_night_flow) })}</span>
              )}
            </>,
            loss(item),
            `${percent(item.inflow.coverage)} / ${percent(item.consumption.coverage)}`,
            t(item.final ? 'plot.final' : 'plot.provisional'),
          ],
        }))}
      />
      <p class="quiet small">{t('balance.rule')}</p>
    </>
  );
}

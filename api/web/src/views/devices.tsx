import { useEffect, useState } from 'preact/hooks';
import { getJson } from '../api/client';
import { useResource } from '../api/resource';
import type { Device, LatestValue, Page } from '../api/types';
import { measureName, uplinksLost, valueText } from '../format/measures';
import { integer } from '../format/numbers';
import { ago } from '../format/time';
import { useText } from '../i18n';
import { useRested } from '../parts/debounce';
import { useNow } from '../parts/now';
import { SearchField, TownSelect, useTenantTitle } from '../parts/pickers';
import { Empty, Loaded } from '../parts/states';
import { href, replaceRoute, useRoute } from '../router';

const pageSize = 50;
const maxShown = 500;

export function Devices(): preact.JSX.Element {
  const t = useText();
  const { query } = useRoute();
  const tenant = query.get('tenant') ?? '';
  const [search, setSearch] = useState(query.get('q') ?? '');
  const rested = useRested(search.trim());
  const [limit, setLimit] = useState(pageSize);
  useEffect(() => {
    setLimit(pageSize);
    if (rested !== (query.get('q') ?? '')) replaceRoute(href(['devices'], { tenant, q: rested }));
  }, [rested, tenant]);
  const page = useResource(
    `devices ${tenant} ${rested} ${limit}`,
    (signal) => getJson<Page<Device>>('devices', { tenant, q: rested, limit }, { signal }),
    15_000,
  );
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>{t('devices.title')}</h1>
      </div>
      <div class="controls">
        <SearchField label={t('devices.search')} value={search} change={setSearch} />
        <TownSelect value={tenant} change={(next) => replaceRoute(href(['devices'], { tenant: next, q: rested }))} />
      </div>
      <div class="card table-card">
        <Loaded resource={page}>
          {({ items, next }) =>
            items.length === 0 ? (
              <Empty>{t(rested || tenant ? 'devices.none' : 'devices.nothing')}</Empty>
            ) : (
              <>
                <DeviceTable devices={items} />
                <p class="foot quiet">
                  {t('devices.count', { count: integer(items.length) })}{' '}
                  {next && limit < maxShown && (
                    <button type="button" onClick={() => setLimit(limit + pageSize)}>
                      {t('state.more')}
                    </button>
                  )}
                </p>
              </>
            )
          }
        </Loaded>
      </div>
    </section>
  );
}

function DeviceTable({ devices }: { devices: readonly Device[] }): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const now = useNow();
  return (
    <table class="stacked" data-test="devices">
      <thead>
        <tr>
          <th>{t('col.device')}</th>
          <th>{t('col.town')}</th>
          <th>{t('col.site')}</th>
          <th>{t('col.values')}</th>
          <th class="num">{t('col.signal')}</th>
          <th class="num">{t('col.seen')}</th>
        </tr>
      </thead>
      <tbody>
        {devices.map((device) => (
          <tr key={device.dev_eui}>
            <td data-label={t('col.device')}>
              <a class="strong" href={href(['devices', device.dev_eui])}>
                {device.name || device.dev_eui}
              </a>
              <span class="mono quiet below">{device.dev_eui}</span>
            </td>
            <td data-label={t('col.town')}>{title(device.tenant)}</td>
            <td data-label={t('col.site')}>{device.site || '–'}</td>
            <td data-label={t('col.values')}>
              <Values latest={device.latest} />
            </td>
            <td class="num" data-label={t('col.signal')}>
              {device.rssi === null ? '–' : `${device.rssi} dBm`}
            </td>
            <td class="num" data-label={t('col.seen')}>
              {ago(device.last_seen, now)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const foremost = 3;

function Values({ latest }: { latest: readonly LatestValue[] }): preact.JSX.Element {
  if (latest.length === 0) return <>–</>;
  const shown = [...latest].sort((a, b) => order(a.measure) - order(b.measure)).slice(0, foremost);
  return (
    <span class="values">
      {shown.map(({ measure, value, unit }) => (
        <span key={measure}>
          <span class="quiet">{measureName(measure)}</span> {valueText(measure, value, unit)}
        </span>
      ))}
    </span>
  );
}

// What people look for first; the battery last, and what the network server measures itself.
function order(measure: string): number {
  const first = ['parking_occupied', 'temperature', 'relative_humidity', 'co2', 'water_volume', 'water_level'];
  const at = first.indexOf(measure);
  if (at >= 0) return at;
  if (measure === uplinksLost) return 100;
  return measure.startsWith('battery') ? 99 : 50;
}

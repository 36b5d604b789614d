import { getAll, getJson } from '../api/client';
import { useResource, type Resource } from '../api/resource';
import type { Gateway, Items, Latest, Tenant } from '../api/types';
import { kreise, townOf, towns } from '../data/towns';
import { parkingByTown, temperatureByTown, type TownParking, type TownTemperature } from '../format/town_figures';
import { fixed, integer, percent } from '../format/numbers';
import { ago } from '../format/time';
import { useText } from '../i18n';
import { useNow } from '../parts/now';
import { useTenantTitle } from '../parts/pickers';
import { Empty, Loaded } from '../parts/states';
import { TownTabs } from '../parts/town_tabs';
import { href } from '../router';

const most = 20_000;

interface Basics {
  tenants: Tenant[];
  gateways: Gateway[];
}

async function loadBasics(signal: AbortSignal): Promise<Basics> {
  const [tenants, gateways] = await Promise.all([
    getJson<Items<Tenant>>('tenants', {}, { signal }),
    getJson<Items<Gateway>>('gateways', {}, { signal }),
  ]);
  return { tenants: tenants.items, gateways: gateways.items };
}

async function loadLatest(measure: string, signal: AbortSignal): Promise<Latest[]> {
  const { items } = await getAll<Latest>('latest', { measure, limit: 5000 }, most, { signal, timeoutMs: 30_000 });
  return items;
}

async function loadTemperature(signal: AbortSignal): Promise<Map<string, TownTemperature>> {
  return temperatureByTown(await loadLatest('temperature', signal), Date.now());
}

async function loadParking(signal: AbortSignal): Promise<Map<string, TownParking>> {
  return parkingByTown(await loadLatest('parking_occupied', signal), Date.now());
}

export function Towns(): preact.JSX.Element {
  const t = useText();
  const basics = useResource('towns', loadBasics, 15_000);
  const temperature = useResource('town temperature', loadTemperature, 60_000);
  const parking = useResource('town parking', loadParking, 30_000);
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>{t('towns.title')}</h1>
        <p class="quiet">{t('towns.intro')}</p>
      </div>
      <TownTabs tenant="" />
      <div class="card table-card">
        <Loaded resource={basics}>
          {(data) =>
            data.tenants.length === 0 ? (
              <Empty>{t('overview.none')}</Empty>
            ) : (
              <TownTable data={data} temperature={temperature} parking={parking} />
            )
          }
        </Loaded>
      </div>
      {basics.data && <Missing tenants={basics.data.tenants} />}
    </section>
  );
}

interface TableProps {
  data: Basics;
  temperature: Resource<Map<string, TownTemperature>>;
  parking: Resource<Map<string, TownParking>>;
}

function TownTable({ data, temperature, parking }: TableProps): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const now = useNow();
  const sorted = [...data.tenants].sort((a, b) => title(a.name).localeCompare(title(b.name), 'de'));
  return (
    <table class="stacked" data-test="towns">
      <thead>
        <tr>
          <th>{t('col.town')}</th>
          <th class="num">{t('col.gateways')}</th>
          <th class="num">{t('col.devices')}</th>
          <th class="num">{t('col.uplinks')}</th>
          <th class="num" title={t('towns.temperature.hint')}>
            {t('col.temperature')}
          </th>
          <th title={t('towns.parking.hint')}>{t('col.parking')}</th>
          <th class="num">{t('col.seen')}</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((tenant) => {
          const own = data.gateways.filter((gateway) => gateway.tenant === tenant.name);
          const warm = temperature.data?.get(tenant.name);
          const town = townOf(tenant);
          return (
            <tr key={tenant.name}>
              <td data-label={t('col.town')}>
                <a class="strong" href={href(['devices'], { tenant: tenant.name })}>
                  {title(tenant.name)}
                </a>
                <span class="quiet below">
                  {town ? kreise[town.kreis] : t('towns.notonmap')} ·{' '}
                  <a href={href(['towns', 'environment'], { tenant: tenant.name })}>{t('environment.title')}</a>
                </span>
              </td>
              <td class="num" data-label={t('col.gateways')}>
                {own.filter(({ online }) => online).length} / {own.length}
              </td>
              <td class="num" data-label={t('col.devices')}>
                {integer(tenant.devices)}
              </td>
              <td class="num" data-label={t('col.uplinks')}>
                {integer(tenant.uplinks)}
              </td>
              <td class="num" data-label={t('col.temperature')}>
                {warm ? (
                  <>
                    {fixed(warm.mean, 1)}
                    {'\u202f'}°C
                    <span class="quiet below">
                      {t('towns.sensors', {
                        count: integer(warm.sensors),
                        min: fixed(warm.min, 1),
                        max: fixed(warm.max, 1),
                      })}
                    </span>
                  </>
                ) : (
                  '–'
                )}
              </td>
              <td data-label={t('col.parking')}>
                <Parking tenant={tenant.name} figure={parking.data?.get(tenant.name)} />
              </td>
              <td class="num" data-label={t('col.seen')}>
                {ago(tenant.last_seen, now)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Parking({ tenant, figure }: { tenant: string; figure: TownParking | undefined }): preact.JSX.Element {
  const t = useText();
  if (!figure || figure.total === 0) return <>–</>;
  return (
    <span class="meter-cell">
      <meter min={0} max={figure.total} value={figure.occupied}>
        {percent(figure.occupied / figure.total)}
      </meter>
      <span>{percent(figure.occupied / figure.total)}</span>
      <a class="below" href={href(['towns', 'parking'], { tenant })}>
        {t('towns.bays', { occupied: integer(figure.occupied), total: integer(figure.total) })}
      </a>
    </span>
  );
}

function Missing({ tenants }: { tenants: readonly Tenant[] }): preact.JSX.Element | null {
  const t = useText();
  const joined = new Set(tenants.map((tenant) => townOf(tenant)?.ags));
  const missing = towns.filter(({ ags }) => !joined.has(ags));
  if (missing.length === 0) return null;
  return (
    <details class="missing">
      <summary>{t('towns.missing', { count: missing.length })}</summary>
      <p class="quiet">
        {missing
          .map(({ name }) => name)
          .sort((a, b) => a.localeCompare(b, 'de'))
          .join(', ')}
      </p>
      <p>
        <a href={href(['about'])}>{t('about.title')}</a>
      </p>
    </details>
  );
}

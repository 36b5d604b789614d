import { getAll } from '../api/client';
import { useResource } from '../api/resource';
import { windowsOf } from '../api/series';
import type { Latest } from '../api/types';
import { parkingSites, type ParkingSite } from '../format/parking';
import { decimal, integer, percent } from '../format/numbers';
import { midnightBefore } from '../format/time';
import { useText } from '../i18n';
import { Empty, Loaded } from '../parts/states';
import { TownPage } from '../parts/town_page';

const measure = 'parking_occupied';
const mostBays = 20_000;
const mostHours = 60_000;
const enough = 0.75;

interface Parking {
  sites: ParkingSite[];
  complete: boolean;
}

// Windows that are not final come for so many devices at once: so today's figures are of one town.
async function load(tenant: string, signal: AbortSignal): Promise<Parking> {
  const now = Date.now();
  const midnight = midnightBefore(now);
  const range = { from: new Date(midnight).toISOString(), to: new Date(now).toISOString() };
  const [latest, hours] = await Promise.all([
    getAll<Latest>('latest', { tenant, measure, limit: 5000 }, mostBays, { signal, timeoutMs: 30_000 }),
    windowsOf({ tenant, device: '', measure, res: '1h', ...range }, mostHours, signal),
  ]);
  return {
    sites: parkingSites(latest.items, hours.items, midnight, now),
    complete: latest.complete && hours.complete,
  };
}

export function ParkingView(): preact.JSX.Element {
  const t = useText();
  return (
    <TownPage title={t('parking.title')} intro={t('parking.intro')}>
      {(tenant) => <Town key={tenant} tenant={tenant} />}
    </TownPage>
  );
}

function Town({ tenant }: { tenant: string }): preact.JSX.Element {
  const t = useText();
  const parking = useResource(`parking ${tenant}`, (signal) => load(tenant, signal), 30_000);
  return (
    <div class="card table-card">
      <Loaded resource={parking}>
        {({ sites, complete }) =>
          sites.length === 0 ? (
            <Empty>{t('parking.none')}</Empty>
          ) : (
            <>
              <SiteTable sites={sites} />
              {!complete && <p class="foot quiet">{t('network.incomplete')}</p>}
            </>
          )
        }
      </Loaded>
    </div>
  );
}

function SiteTable({ sites }: { sites: readonly ParkingSite[] }): preact.JSX.Element {
  const t = useText();
  return (
    <table class="stacked" data-test="parking">
      <thead>
        <tr>
          <th>{t('col.site')}</th>
          <th class="num">{t('parking.free')}</th>
          <th>{t('parking.now')}</th>
          <th class="num" title={t('parking.occupancy.hint')}>
            {t('parking.occupancy')}
          </th>
          <th class="num" title={t('parking.turnover.hint')}>
            {t('parking.turnover')}
          </th>
          <th class="num" title={t('parking.stay.hint')}>
            {t('parking.stay')}
          </th>
          <th class="num">{t('col.coverage')}</th>
        </tr>
      </thead>
      <tbody>
        {sites.map((site) => (
          <tr key={site.site ?? ''}>
            <td class="strong" data-label={t('col.site')}>
              {site.site ?? t('parking.nosite')}
            </td>
            <td class="num" data-label={t('parking.free')}>
              <strong>{integer(site.free)}</strong>
              <span class="quiet below">{t('parking.of', { bays: integer(site.bays) })}</span>
            </td>
            <td data-label={t('parking.now')}>
              <Bays site={site} />
            </td>
            <td class="num" data-label={t('parking.occupancy')}>
              {site.occupancy === null ? '–' : percent(site.occupancy)}
            </td>
            <td class="num" data-label={t('parking.turnover')}>
              {site.turnover === null ? '–' : decimal(site.turnover, 1)}
            </td>
            <td class="num" data-label={t('parking.stay')}>
              {site.stay === null ? '–' : t('unit.minutes', { n: integer(site.stay / 60) })}
            </td>
            <td class="num" data-label={t('col.coverage')}>
              {site.coverage === null ? (
                '–'
              ) : (
                <span class={site.coverage < enough ? 'health fair' : undefined}>
                  {percent(site.coverage)}
                  {site.coverage < enough && ` · ${t('plot.invalid')}`}
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Bays({ site }: { site: ParkingSite }): preact.JSX.Element {
  const t = useText();
  const known = site.bays - site.unknown;
  return (
    <span class="meter-cell">
      {known > 0 ? (
        <>
          <meter min={0} max={known} value={site.occupied}>
            {percent(site.occupied / known)}
          </meter>
          <span>{percent(site.occupied / known)}</span>
        </>
      ) : (
        '–'
      )}
      {site.unknown > 0 && <span class="quiet below">{t('parking.unknown', { bays: integer(site.unknown) })}</span>}
    </span>
  );
}

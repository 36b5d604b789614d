import { getAll } from '../api/client';
import { useResource } from '../api/resource';
import { windowsOf } from '../api/series';
import type { Latest } from '../api/types';
import { parkingSites, type ParkingSite } from '../format/parking';
import { decimal, integer, percent } from '../format/numbers';
import { midnightBefore } from '../format/time';
import { useText } from '../i18n';
import { StackedTable } from '../parts/stacked_table';
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
    <StackedTable
      test="parking"
      columns={[
        { label: t('col.site') },
        { label: t('parking.free'), num: true },
        { label: t('parking.now') },
        { label: t('parking.occupancy'), num: true, hint: t('parking.occupancy.hint') },
        { label: t('parking.turnover'), num: true, hint: t('parking.turnover.hint') },
        { label: t('parking.stay'), num: true, hint: t('parking.stay.hint') },
        { label: t('col.coverage'), num: true },
      ]}
      rows={sites.map((site) => ({
        key: site.site ?? '',
        cells: [
          <strong key="site">{site.site ?? t('parking.nosite')}</strong>,
          <>
            <strong>{integer(site.free)}</strong>
            <span class="quiet below">{t('parking.of', { bays: integer(site.bays) })}</span>
          </>,
          <Bays key="bays" site={site} />,
          site.occupancy === null ? '–' : percent(site.occupancy),
          site.turnover === null ? '–' : decimal(site.turnover, 1),
          site.stay === null ? '–' : t('unit.minutes', { n: integer(site.stay / 60) }),
          <Covered key="covered" share={site.coverage} />,
        ],
      }))}
    />
  );
}

function Covered({ share }: { share: number | null }): preact.JSX.Element {
  const t = useText();
  if (share === null) return <>–</>;
  return (
    <span class={share < enough ? 'health fair' : undefined}>
      {percent(share)}
      {share < enough && ` · ${t('plot.invalid')}`}
    </span>
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

import { seriesOf } from '../api/environment';
import { useResource } from '../api/resource';
import type { Series } from '../api/types';
import { measureName } from '../format/measures';
import { useText } from '../i18n';
import { useTenantTitle } from '../parts/pickers';
import { Empty, Loaded } from '../parts/states';
import { TownChoice, TownTabs, useTown } from '../parts/town_tabs';
import { AirCard } from './environment/air';
import { ClimateCard } from './environment/climate';
import { HeatIslandCard } from './environment/heat_island';
import { LevelsCard } from './environment/levels';
import { PlaceCard } from './environment/place';
import { RainCard } from './environment/rain';

const pollutants = ['pm10', 'pm2_5', 'o3', 'no2', 'so2'] as const;
const asked = ['temperature', 'heat_index', 'precipitation', 'water_level', ...pollutants] as const;

type Measured = Record<(typeof asked)[number], Series[]>;

async function load(tenant: string, signal: AbortSignal): Promise<Measured> {
  const found = await Promise.all(asked.map((measure) => seriesOf(tenant, measure, signal)));
  return Object.fromEntries(asked.map((measure, i) => [measure, found[i]?.items ?? []])) as Measured;
}

// One town's climate, rain, air and water: what is measured there, and what is not.
export function EnvironmentView(): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const { tenant, loaded } = useTown();
  const measured = useResource(tenant ? `environment ${tenant}` : null, (signal) => load(tenant, signal), 300_000);
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>
          {t('environment.title')}
          {tenant && ` · ${title(tenant)}`}
        </h1>
        <p class="quiet">{t('environment.intro')}</p>
      </div>
      <TownTabs tenant={tenant} />
      <div class="controls">
        <TownChoice tenant={tenant} />
      </div>
      {loaded && !tenant && <Empty>{t('overview.none')}</Empty>}
      {tenant && <Loaded resource={measured}>{(found) => <Cards key={tenant} tenant={tenant} found={found} />}</Loaded>}
    </section>
  );
}

function Cards({ tenant, found }: { tenant: string; found: Measured }): preact.JSX.Element {
  const t = useText();
  // A heat index is computed outdoors only: where there is one, rooms do not count as climate stations.
  const outdoors = new Set(found.heat_index.map(({ dev_eui }) => dev_eui));
  const stations =
    outdoors.size > 0 ? found.temperature.filter(({ dev_eui }) => outdoors.has(dev_eui)) : found.temperature;
  const air = pollutants.flatMap((measure) => found[measure]);
  const missing = [
    ...(stations.length === 0 ? [measureName('temperature')] : []),
    ...(found.precipitation.length === 0 ? [measureName('precipitation')] : []),
    ...(air.length === 0 ? [t('air.title')] : []),
    ...(found.water_level.length === 0 ? [measureName('water_level')] : []),
  ];
  return (
    <>
      {found.water_level.length > 0 && <LevelsCard tenant={tenant} />}
      {stations.length > 0 && <ClimateCard tenant={tenant} stations={stations} />}
      {found.precipitation.length > 0 && <RainCard tenant={tenant} gauges={found.precipitation} />}
      {air.length > 0 && <AirCard tenant={tenant} series={air} />}
      {stations.length > 0 && <HeatIslandCard tenant={tenant} stations={stations} />}
      {found.temperature.length > 0 && <PlaceCard tenant={tenant} />}
      {missing.length > 0 && (
        <p class="quiet" data-test="not-measured">
          {t('environment.missing', { measures: missing.join(', ') })}
        </p>
      )}
    </>
  );
}

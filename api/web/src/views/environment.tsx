import type { Measured } from '../api/measured';
import { measureName } from '../format/measures';
import { useText } from '../i18n';
import { MeasuredTown } from '../parts/measured_town';
import { AirCard } from './environment/air';
import { AirLimitsCard } from './environment/air_limits';
import { ClimateCard } from './environment/climate';
import { HeatHoursCard } from './environment/heat_hours';
import { HeatIslandCard } from './environment/heat_island';
import { LevelsCard } from './environment/levels';
import { PlaceCard } from './environment/place';
import { RainCard } from './environment/rain';
import { SunCard } from './environment/sun';
import { WindCard } from './environment/wind';

const pollutants = ['pm10', 'pm2_5', 'o3', 'no2', 'so2'] as const;
const asked = ['temperature', 'heat_index', 'precipitation', 'wind_speed', 'water_level', 'groundwater_level', 'uv_index', ...pollutants] as const;

type Found = Measured<(typeof asked)[number]>;

// One town's climate, rain, air, sun and water: what is measured there, and what is not.
export function EnvironmentView(): preact.JSX.Element {
  const t = useText();
  return (
    <MeasuredTown title={t('environment.title')} intro={t('environment.intro')} measures={asked}>
      {(tenant, found) => <Cards tenant={tenant} found={found} />}
    </MeasuredTown>
  );
}

function Cards({ tenant, found }: { tenant: string; found: Found }): preact.JSX.Element {
  const t = useText();
  // A heat index is computed outdoors only: where there is one, rooms do not count as climate stations.
  const outdoors = new Set(found.heat_index.map(({ dev_eui }) => dev_eui));
  const stations =
    outdoors.size > 0 ? found.temperature.filter(({ dev_eui }) => outdoors.has(dev_eui)) : found.temperature;
  const air = pollutants.flatMap((measure) => found[measure]);
  const missing = [
    ...(stations.length === 0 ? [measureName('temperature')] : []),
    ...(found.precipitation.length === 0 ? [measureName('precipitation')] : []),
    ...(found.wind_speed.length === 0 ? [measureName('wind_speed')] : []),
    ...(air.length === 0 ? [t('air.title')] : []),
    ...(found.water_level.length === 0 ? [measureName('water_level')] : []),
    ...(found.uv_index.length === 0 ? [measureName('uv_index')] : []),
  ];
  return (
    <>
      {found.water_level.length > 0 && <LevelsCard tenant={tenant} measure="water_level" />}
      {found.groundwater_level.length > 0 && <LevelsCard tenant={tenant} measure="groundwater_level" />}
      {stations.length > 0 && <ClimateCard tenant={tenant} stations={stations} />}
      {found.precipitation.length > 0 && <RainCard tenant={tenant} gauges={found.precipitation} />}
      {found.wind_speed.length > 0 && <WindCard tenant={tenant} stations={found.wind_speed} />}
      {air.length > 0 && <AirCard tenant={tenant} series={air} />}
      {air.length > 0 && <AirLimitsCard tenant={tenant} series={air} />}
      {found.uv_index.length > 0 && <SunCard tenant={tenant} sensors={found.uv_index} />}
      {stations.length > 0 && <HeatHoursCard tenant={tenant} stations={stations} />}
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

import type { Measured } from '../api/measured';
import { useText } from '../i18n';
import { MeasuredTown } from '../parts/measured_town';
import { Empty } from '../parts/states';
import { BuildingCard } from './energy/building';
import { ChargingCard } from './energy/charging';
import { MetersCard } from './energy/meters';
import { StreetLightCard } from './energy/street_light';
import { SubstationsCard } from './energy/substations';

const asked = ['heat_energy', 'energy', 'gas_volume', 'occupancy', 'temperature', 'heat_index'] as const;

// Where a town's energy goes: buildings, charge points, street light, and the meters behind them.
export function EnergyView(): preact.JSX.Element {
  const t = useText();
  return (
    <MeasuredTown title={t('energy.title')} intro={t('energy.intro')} measures={asked}>
      {(tenant, found) => <Cards tenant={tenant} found={found} />}
    </MeasuredTown>
  );
}

function Cards({ tenant, found }: { tenant: string; found: Measured<(typeof asked)[number]> }): preact.JSX.Element {
  const t = useText();
  const taken = new Set(found.occupancy.map(({ dev_eui }) => dev_eui));
  const charging = found.energy.filter(({ dev_eui }) => taken.has(dev_eui));
  const others = found.energy.filter(({ dev_eui }) => !taken.has(dev_eui));
  const heat = [...found.heat_energy, ...others];
  // Where heat indices are computed is outdoors.
  const outdoors = new Set(found.heat_index.map(({ dev_eui }) => dev_eui));
  const weather = found.temperature.filter(({ dev_eui }) => outdoors.has(dev_eui));
  const meters = [...heat, ...charging, ...found.gas_volume];
  if (meters.length === 0) return <Empty>{t('energy.none')}</Empty>;
  return (
    <>
      {heat.length > 0 && <BuildingCard tenant={tenant} meters={heat} weather={weather} />}
      {found.heat_energy.length > 0 && <SubstationsCard tenant={tenant} />}
      {charging.length > 0 && <ChargingCard tenant={tenant} points={charging} />}
      {others.length > 0 && <StreetLightCard tenant={tenant} feeds={others} />}
      <MetersCard meters={meters} />
      {charging.length === 0 && <p class="quiet">{t('charging.none')}</p>}
    </>
  );
}

import type { Measured } from '../api/measured';
import { useText } from '../i18n';
import { MeasuredTown } from '../parts/measured_town';
import { Empty } from '../parts/states';
import { CountsCard } from './traffic/counts';
import { NoiseCard } from './traffic/noise';
import { WeekCard } from './traffic/week';

const counted = ['people', 'bicycles', 'vehicles', 'heavy_vehicles'] as const;
const directions = ['', '.in', '.out'] as const;
const asked = [
  ...counted.flatMap((measure) => directions.map((direction) => `${measure}${direction}` as const)),
  'sound_energy',
] as const;

// What runs through a town's streets, and how loud it is.
export function TrafficView(): preact.JSX.Element {
  const t = useText();
  return (
    <MeasuredTown title={t('traffic.title')} intro={t('traffic.intro')} measures={asked}>
      {(tenant, found) => <Cards tenant={tenant} found={found} />}
    </MeasuredTown>
  );
}

function Cards({ tenant, found }: { tenant: string; found: Measured<(typeof asked)[number]> }): preact.JSX.Element {
  const t = useText();
  const { sound_energy: noise, ...rest } = found;
  const counters = Object.values(rest).flat();
  if (counters.length === 0 && noise.length === 0) return <Empty>{t('traffic.none')}</Empty>;
  return (
    <>
      {counters.length > 0 && <CountsCard tenant={tenant} counters={counters} />}
      {counters.length > 0 && <WeekCard tenant={tenant} counters={counters} />}
      {noise.length > 0 && <NoiseCard tenant={tenant} sensors={noise} />}
      {counters.length === 0 && <p class="quiet">{t('traffic.nocounters')}</p>}
      {noise.length === 0 && <p class="quiet">{t('noise.none')}</p>}
    </>
  );
}

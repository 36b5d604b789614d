import { useState } from 'preact/hooks';
import type { Measured } from '../api/measured';
import { siteOptions } from '../format/stations';
import { useText } from '../i18n';
import { MeasuredTown } from '../parts/measured_town';
import { SelectField } from '../parts/select_field';
import { Empty } from '../parts/states';
import { RoomAirCard } from './indoors/air';
import { RoomUseCard } from './indoors/use';

const asked = ['co2', 'mould_humidity', 'occupancy', 'energy'] as const;

// A caretaker's rooms, site by site: their air now and in the week, damp walls, and how they are used.
export function IndoorsView(): preact.JSX.Element {
  const t = useText();
  return (
    <MeasuredTown title={t('indoors.title')} intro={t('indoors.intro')} measures={asked}>
      {(tenant, found) => <Sites tenant={tenant} found={found} />}
    </MeasuredTown>
  );
}

function Sites({ tenant, found }: { tenant: string; found: Measured<(typeof asked)[number]> }): preact.JSX.Element {
  const t = useText();
  // What is taken and counts energy is a charge point.
  const charging = new Set(found.energy.map(({ dev_eui }) => dev_eui));
  const used = found.occupancy.filter(({ dev_eui }) => !charging.has(dev_eui));
  const options = siteOptions([...found.co2, ...used]);
  const [site, setSite] = useState(options[0]?.value ?? '');
  if (found.co2.length === 0 && used.length === 0) return <Empty>{t('indoors.none')}</Empty>;
  if (options.length === 0) return <Empty>{t('indoors.nosite')}</Empty>;
  const here = { tenant, site };
  return (
    <>
      <div class="controls">
        <SelectField label={t('col.site')} value={site} options={options} change={setSite} />
      </div>
      {found.co2.some((one) => one.site === site) && (
        <RoomAirCard key={`air ${site}`} {...here} mould={found.mould_humidity.some((one) => one.site === site)} />
      )}
      {used.some((one) => one.site === site) && <RoomUseCard key={`use ${site}`} {...here} />}
      {used.length === 0 && <p class="quiet" data-test="no-occupancy">{t('indoors.nooccupancy')}</p>}
    </>
  );
}

import { useState } from 'preact/hooks';
import { useResource } from '../../api/resource';
import type { Series } from '../../api/types';
import { buildingOf, type Building, type HeatUse } from '../../api/utilisation';
import { measureName, valueText } from '../../format/measures';
import { decimal, percent } from '../../format/numbers';
import { stationOptions } from '../../format/stations';
import { useText } from '../../i18n';
import { Known } from '../../parts/device_link';
import { SelectField } from '../../parts/select_field';
import { StackedTable } from '../../parts/stacked_table';
import { Empty, Loaded } from '../../parts/states';

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;
const shownDays = 30;
const carriers = ['gas', 'district_heat', 'heating_oil', 'electricity'] as const;
type Carrier = (typeof carriers)[number];

// What a building needs for each degree day, now and a year ago: so the weather is taken out.
export function BuildingCard(props: {
  tenant: string;
  meters: readonly Series[];
  weather: readonly Series[];
}): preact.JSX.Element {
  const t = useText();
  const { tenant, meters, weather } = props;
  const [chosen, setMeter] = useState(0);
  const [station, setStation] = useState(weather[0]?.dev_eui ?? '');
  const [wanted, setCarrier] = useState<Carrier | null>(null);
  const meter = meters[chosen];
  const carrier = wanted ?? (meter?.measure === 'energy' ? 'electricity' : 'gas');
  const found = useResource(
    meter && station ? `building ${tenant} ${meter.dev_eui} ${meter.measure} ${station} ${carrier}` : null,
    (signal) => {
      const now = Date.now();
      const at = (ms: number): string => new Date(ms).toISOString();
      return buildingOf(
        {
          tenant,
          device: meter?.dev_eui ?? '',
          measure: meter?.measure ?? '',
          weather: station,
          carrier,
          from: at(now - shownDays * dayMs),
          to: at(now),
          before_from: at(now - yearMs - shownDays * dayMs),
          before_to: at(now - yearMs),
        },
        signal,
      );
    },
    600_000,
  );
  return (
    <section class="card" data-test="building">
      <h2>{t('building.title')}</h2>
      <p class="quiet small">{t('building.intro')}</p>
      {weather.length === 0 ? (
        <Empty>{t('building.noweather')}</Empty>
      ) : (
        <>
          <div class="controls">
            <SelectField
              label={t('building.meter')}
              value={String(chosen)}
              options={meters.map((one, i) => ({
                value: String(i),
                label: [one.site, one.device || one.dev_eui, measureName(one.measure)].filter(Boolean).join(' · '),
              }))}
              change={(next) => setMeter(Number(next))}
            />
            <SelectField
              label={t('building.weather')}
              value={station}
              options={stationOptions(weather)}
              change={setStation}
            />
            <SelectField
              label={t('building.carrier')}
              value={carrier}
              options={carriers.map((value) => ({ value, label: t(`carrier.${value}`) }))}
              change={(next) => setCarrier(carriers.find((one) => one === next) ?? null)}
            />
          </div>
          <Loaded resource={found}>{(building) => <Shown building={building} />}</Loaded>
        </>
      )}
      <p class="quiet small">{t('building.rule')}</p>
    </section>
  );
}

function Shown({ building }: { building: Building }): preact.JSX.Element {
  const t = useText();
  const { saving } = building;
  const amount = (value: number | null, unit: string, digits = 0): string =>
    value === null ? '–' : `${decimal(value, digits)}\u202f${unit}`;
  const row = (key: string, label: string, use: HeatUse): { key: string; cells: preact.ComponentChildren[] } => ({
    key,
    cells: [
      <strong key="label">{label}</strong>,
      valueText('energy', use.energy, 'kWh'),
      amount(use.degree_days, 'Kd'),
      amount(use.energy_per_degree_day, 'kWh/Kd', 2),
      amount(use.co2, 'kg'),
      <Known key="known" known={use.days} possible={use.possible_days} unit="days" valid={use.valid} />,
    ],
  });
  return (
    <>
      <ul class="tiles">
        <li>
          <span class="quiet">{t('building.saving')}</span>
          <strong data-test="saving">{saving === null ? '–' : percent(saving, 0)}</strong>
          <span class="quiet small">
            {t(saving === null ? 'building.saving.none' : saving >= 0 ? 'building.saving.less' : 'building.saving.more')}
          </span>
        </li>
        <li>
          <span class="quiet">{t('building.signature')}</span>
          <strong>{amount(building.now.energy_per_degree_day, 'kWh/Kd', 2)}</strong>
          <span class="quiet small">{t('building.signature.hint')}</span>
        </li>
      </ul>
      <StackedTable
        test="building-uses"
        columns={[
          { label: t('plot.range') },
          { label: measureName(building.measure), num: true },
          { label: t('climate.degreedays'), num: true },
          { label: t('building.signature'), num: true },
          { label: 'CO₂', num: true },
          { label: t('climate.days'), num: true },
        ]}
        rows={[
          row('now', t('building.now'), building.now),
          ...(building.before ? [row('before', t('building.before'), building.before)] : []),
        ]}
      />
    </>
  );
}

import { useState } from 'preact/hooks';
import { rollupOf } from '../../api/environment';
import { useResource } from '../../api/resource';
import type { AggregateRow } from '../../api/types';
import { measureName } from '../../format/measures';
import { instant } from '../../format/time';
import { useText } from '../../i18n';
import { useTenantTitle } from '../../parts/pickers';
import { SelectField } from '../../parts/select_field';
import { Empty, Loaded } from '../../parts/states';
import { Plot } from '../../plot/plot';
import { WindowTable } from '../window_table';

const measures = ['temperature', 'relative_humidity', 'co2', 'heat_index'] as const;
const hourMs = 3_600_000;
const shownHours = 7 * 24;

interface Shown {
  rows: AggregateRow[];
  from: number;
  to: number;
}

async function load(tenant: string, measure: string, signal: AbortSignal): Promise<Shown> {
  const to = Math.ceil(Date.now() / hourMs) * hourMs;
  const from = to - shownHours * hourMs;
  const query = {
    tenant,
    site: '',
    measure,
    res: '1h',
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  };
  const { items } = await rollupOf(query, shownHours + 1, signal);
  const first = items[0] ? instant(items[0].start) : from;
  return { rows: items, from: Math.max(from, Math.min(first, to - 12 * hourMs)) / 1000, to: to / 1000 };
}

// The whole town as one: each site counts once, and how many of them were usable is drawn below.
export function PlaceCard({ tenant }: { tenant: string }): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const [measure, setMeasure] = useState<string>(measures[0]);
  const found = useResource(`place ${tenant} ${measure}`, (signal) => load(tenant, measure, signal), 300_000);
  return (
    <section class="card plot-card" data-test="place">
      <h2>{t('place.title')}</h2>
      <p class="quiet small">{t('place.intro')}</p>
      <div class="controls">
        <SelectField
          label={t('series.measure')}
          value={measure}
          options={measures.map((value) => ({ value, label: measureName(value) }))}
          change={setMeasure}
        />
      </div>
      <Loaded resource={found}>
        {({ rows, from, to }) =>
          rows.length === 0 ? (
            <Empty>{t('plot.nodata')}</Empty>
          ) : (
            <>
              <Plot
                rows={rows}
                measure={measure}
                unit={rows[0]?.unit ?? ''}
                kind="gauge"
                window="PT1H"
                from={from}
                to={to}
                name={title(tenant)}
              />
              <WindowTable rows={rows} kind="gauge" />
            </>
          )
        }
      </Loaded>
    </section>
  );
}

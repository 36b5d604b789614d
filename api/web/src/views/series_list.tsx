import { useState } from 'preact/hooks';
import { getAll, type Collected } from '../api/client';
import { useResource } from '../api/resource';
import type { Series } from '../api/types';
import { measureName } from '../format/measures';
import { integer } from '../format/numbers';
import { ago, windowsText } from '../format/time';
import { useText } from '../i18n';
import { useNow } from '../parts/now';
import { SearchField, TownSelect, useTenantTitle } from '../parts/pickers';
import { SelectField } from '../parts/select_field';
import { Empty, Loaded } from '../parts/states';
import { href, replaceRoute, useRoute } from '../router';

const maxLoaded = 6_000;
const step = 60;

export function SeriesList(): preact.JSX.Element {
  const t = useText();
  const { query } = useRoute();
  const tenant = query.get('tenant') ?? '';
  const measure = query.get('measure') ?? '';
  const [search, setSearch] = useState('');
  const go = (next: Record<string, string>): void => replaceRoute(href(['series'], { tenant, measure, ...next }));
  // Without the measure: the list of measures to choose from must stay whole.
  const all = useResource(
    `series ${tenant}`,
    (signal) => getAll<Series>('series', { tenant, limit: 1000 }, maxLoaded, { signal, timeoutMs: 30_000 }),
    60_000,
  );
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>{t('series.title')}</h1>
        <p class="quiet">{t('series.intro')}</p>
      </div>
      <div class="controls">
        <SearchField label={t('series.search')} value={search} change={setSearch} />
        <TownSelect value={tenant} change={(next) => go({ tenant: next })} />
        <MeasureSelect series={all.data?.items ?? []} value={measure} change={(next) => go({ measure: next })} />
      </div>
      <div class="card table-card">
        <Loaded resource={all}>{(found) => <Results found={found} measure={measure} search={search} />}</Loaded>
      </div>
    </section>
  );
}

function MeasureSelect(props: {
  series: readonly Series[];
  value: string;
  change: (value: string) => void;
}): preact.JSX.Element {
  const t = useText();
  const names = new Set(props.series.map(({ measure }) => measure));
  if (props.value) names.add(props.value);
  const sorted = [...names].sort((a, b) => measureName(a).localeCompare(measureName(b)));
  return (
    <SelectField
      label={t('series.measure')}
      value={props.value}
      options={[{ value: '', label: t('series.allmeasures') }, ...sorted.map((value) => ({ value, label: measureName(value) }))]}
      change={props.change}
    />
  );
}

function Results({
  found,
  measure,
  search,
}: {
  found: Collected<Series>;
  measure: string;
  search: string;
}): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const now = useNow();
  const [shown, setShown] = useState(step);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = found.items.filter((series) => {
    if (measure && series.measure !== measure) return false;
    const content = [
      series.device,
      series.dev_eui,
      series.site ?? '',
      measureName(series.measure),
      title(series.tenant),
    ]
      .join(' ')
      .toLowerCase();
    return words.every((word) => content.includes(word));
  });
  if (matching.length === 0) return <Empty>{t(found.items.length === 0 ? 'series.nothing' : 'series.none')}</Empty>;
  return (
    <>
      <table class="stacked" data-test="series">
        <thead>
          <tr>
            <th>{t('col.measure')}</th>
            <th>{t('col.device')}</th>
            <th>{t('col.town')}</th>
            <th>{t('col.site')}</th>
            <th>{t('col.windows')}</th>
            <th class="num">{t('col.seen')}</th>
          </tr>
        </thead>
        <tbody>
          {matching.slice(0, shown).map((series) => (
            <tr key={`${series.dev_eui}/${series.measure}`}>
              <td data-label={t('col.measure')}>
                <a class="strong" href={href(['series', series.dev_eui, series.measure], { tenant: series.tenant })}>
                  {measureName(series.measure)}
                </a>
              </td>
              <td data-label={t('col.device')}>{series.device || series.dev_eui}</td>
              <td data-label={t('col.town')}>{title(series.tenant)}</td>
              <td data-label={t('col.site')}>{series.site || '–'}</td>
              <td data-label={t('col.windows')}>{windowsText(series.windows) || '–'}</td>
              <td class="num" data-label={t('col.seen')}>
                {ago(series.last, now)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="foot quiet">
        {t('devices.count', { count: shownOf(Math.min(shown, matching.length), matching.length) })}{' '}
        {shown < matching.length && (
          <button type="button" onClick={() => setShown(shown + step)}>
            {t('state.more')}
          </button>
        )}
        {!found.complete && <span> {t('state.truncated', { count: integer(found.items.length) })}</span>}
      </p>
    </>
  );
}

function shownOf(shown: number, all: number): string {
  return `${integer(shown)} / ${integer(all)}`;
}

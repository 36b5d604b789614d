import { getAll, getJson } from './client';
import type { AggregateRow, Page, Series } from './types';

// What a town publishes (/v1/open/agg), by measure.
export type OpenRow = AggregateRow & { privacy: 'open' | 'household' };

export interface OpenMeasure {
  measure: string;
  kind: string;
  newest: OpenRow | null; // the last local day; null: nothing is released
}

const mostSeries = 5_000;
const mostMeasures = 60;
const daysBack = 14;

async function newestOf(tenant: string, measure: string, signal: AbortSignal): Promise<OpenRow | null> {
  const from = new Date(Date.now() - daysBack * 86_400_000).toISOString();
  const { items } = await getJson<Page<OpenRow>>('open/agg', { tenant, measure, res: '1d', from }, { signal });
  return items.at(-1) ?? null;
}

// All that is measured in a town, and what of it is released.
export async function openMeasures(tenant: string, signal: AbortSignal): Promise<OpenMeasure[]> {
  const { items } = await getAll<Series>('series', { tenant, limit: 1000 }, mostSeries, { signal });
  const kinds = new Map(items.filter(({ kind }) => kind !== 'info').map(({ measure, kind }) => [measure, kind]));
  const all = [...kinds].slice(0, mostMeasures);
  return Promise.all(
    all.map(async ([measure, kind]) => ({ measure, kind, newest: await newestOf(tenant, measure, signal) })),
  );
}

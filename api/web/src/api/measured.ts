import { seriesOf } from './environment';
import { useResource, type Resource } from './resource';
import type { Series } from './types';

export type Measured<M extends string> = Record<M, Series[]>;

// Who measures what in a town: views show what there is, and say what is missing.
export function useMeasured<M extends string>(tenant: string, measures: readonly M[]): Resource<Measured<M>> {
  return useResource(
    tenant ? `measured ${tenant} ${measures.join(' ')}` : null,
    async (signal) => {
      const found = await Promise.all(measures.map((measure) => seriesOf(tenant, measure, signal)));
      return Object.fromEntries(measures.map((measure, i) => [measure, found[i]?.items ?? []])) as Measured<M>;
    },
    300_000,
  );
}

import type { Series } from '../../api/types';

// Who measures, to choose from: by site and name.
export function stationOptions(series: readonly Series[]): { value: string; label: string }[] {
  return series
    .map(({ dev_eui, device, site }) => ({ value: dev_eui, label: [site, device || dev_eui].filter(Boolean).join(' · ') }))
    .sort((a, b) => a.label.localeCompare(b.label, 'de', { numeric: true }));
}

export function sitesOf(series: readonly Series[]): string[] {
  const sites = new Set(series.flatMap(({ site }) => (site ? [site] : [])));
  return [...sites].sort((a, b) => a.localeCompare(b, 'de', { numeric: true }));
}

import type { Series } from '../api/types';

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

interface Option {
  value: string;
  label: string;
}

export function siteOptions(series: readonly Series[]): Option[] {
  return sitesOf(series).map((value) => ({ value, label: value }));
}

// All sites at once, as far as the server looks at so many devices in one answer; then each.
export function placeOptions(series: readonly Series[], most: number, all: string): Option[] {
  const devices = new Set(series.map(({ dev_eui }) => dev_eui)).size;
  return [...(devices <= most ? [{ value: '', label: all }] : []), ...siteOptions(series)];
}

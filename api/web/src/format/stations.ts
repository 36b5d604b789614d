import type { Series } from '../api/types';
import { measureName } from './measures';

interface Option {
  value: string;
  label: string;
}

function optionsOf(series: readonly Series[], valueOf: (one: Series) => string, more: (one: Series) => string[]): Option[] {
  return series
    .map((one) => ({ value: valueOf(one), label: [one.site, one.device || one.dev_eui, ...more(one)].filter(Boolean).join(' · ') }))
    .sort((a, b) => a.label.localeCompare(b.label, 'de', { numeric: true }));
}

// Who measures, to choose from: by site and name.
export function stationOptions(series: readonly Series[]): Option[] {
  return optionsOf(series, ({ dev_eui }) => dev_eui, () => []);
}

// And what: the value is the DevEUI and the measure, with a space between.
export function seriesOptions(series: readonly Series[]): Option[] {
  return optionsOf(
    series,
    ({ dev_eui, measure }) => `${dev_eui} ${measure}`,
    ({ measure }) => [measureName(measure)],
  );
}

export function sitesOf(series: readonly Series[]): string[] {
  const sites = new Set(series.flatMap(({ site }) => (site ? [site] : [])));
  return [...sites].sort((a, b) => a.localeCompare(b, 'de', { numeric: true }));
}

export function siteOptions(series: readonly Series[]): Option[] {
  return sitesOf(series).map((value) => ({ value, label: value }));
}

// All sites at once, as far as the server looks at so many devices in one answer; then each.
export function placeOptions(series: readonly Series[], most: number, all: string): Option[] {
  const devices = new Set(series.map(({ dev_eui }) => dev_eui)).size;
  return [...(devices <= most ? [{ value: '', label: all }] : []), ...siteOptions(series)];
}

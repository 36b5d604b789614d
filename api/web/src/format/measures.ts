import type { Series } from '../api/types';
import { hasKey, text, type Key } from '../i18n';
import { decimal, fixed, integer } from './numbers';
import { durationSeconds, overlaps } from './time';

// SenML unit names (RFC 8428, RFC 8798) as people write them, with the decimals that mean something.
const units: Record<string, { symbol: string; digits: number }> = {
  Cel: { symbol: '°C', digits: 1 },
  '%RH': { symbol: '%', digits: 0 },
  '%EL': { symbol: '%', digits: 0 },
  '%': { symbol: '%', digits: 0 },
  ppm: { symbol: 'ppm', digits: 0 },
  lx: { symbol: 'lx', digits: 0 },
  V: { symbol: 'V', digits: 2 },
  mV: { symbol: 'mV', digits: 0 },
  m3: { symbol: 'm³', digits: 3 },
  l: { symbol: 'l', digits: 0 },
  m: { symbol: 'm', digits: 2 },
  mm: { symbol: 'mm', digits: 1 },
  hPa: { symbol: 'hPa', digits: 1 },
  Pa: { symbol: 'Pa', digits: 0 },
  dB: { symbol: 'dB', digits: 0 },
  dBA: { symbol: 'dB(A)', digits: 1 },
  kWh: { symbol: 'kWh', digits: 2 },
  Wh: { symbol: 'Wh', digits: 0 },
  W: { symbol: 'W', digits: 0 },
  'm/s': { symbol: 'm/s', digits: 1 },
  s: { symbol: 's', digits: 0 },
  dBm: { symbol: 'dBm', digits: 0 },
  'ug/m3': { symbol: 'µg/m³', digits: 1 },
  ppb: { symbol: 'ppb', digits: 0 },
  deg: { symbol: '°', digits: 0 },
  count: { symbol: '', digits: 0 },
  '/': { symbol: '', digits: 2 },
  '1': { symbol: '', digits: 2 },
};

export function unitSymbol(unit: string): string {
  return units[unit]?.symbol ?? unit;
}

export function unitDigits(unit: string): number {
  return units[unit]?.digits ?? 2;
}

// "temperature.external" reads "Temperatur (außen)"; a name without translation reads as it is, without underscores.
export function measureName(measure: string): string {
  const [base = measure, ...rest] = measure.split('.');
  const key = `measure.${base}`;
  const name = hasKey(key) ? text(key) : base.replaceAll('_', ' ');
  const parts = rest.map((part) => (hasKey(`suffix.${part}`) ? text(`suffix.${part}` as Key) : part));
  return parts.length > 0 ? `${name} (${parts.join(', ')})` : name;
}

export function isOccupancy(measure: string): boolean {
  const base = measure.split('.')[0] ?? measure;
  return base === 'parking_occupied' || base === 'occupancy' || base === 'occupied';
}

export function valueText(measure: string, value: number, unit: string): string {
  if (isOccupancy(measure)) return text(value > 0 ? 'value.occupied' : 'value.free');
  const known = units[unit];
  const number = known ? fixed(value, known.digits) : Number.isInteger(value) ? integer(value) : decimal(value, 3);
  const symbol = unitSymbol(unit);
  return symbol ? `${number}\u202f${symbol}` : number;
}

// What the network server measures itself with each uplink of a device.
export const uplinksLost = 'uplinks_lost';

// What a device says of itself.
const conditions = new Set(['alarm', 'battery_level', 'battery_voltage', 'low_battery', 'tamper']);

// Neither lost uplinks nor what a device says of itself have windows below an hour.
function hasWindow(measure: string, window: string): boolean {
  const hourly = measure === uplinksLost || conditions.has(measure.split('.')[0] ?? measure);
  return !hourly || durationSeconds(window) >= 3600;
}

// The sizes of windows to offer of a series, the smallest first. Those that it lists have a complete window already;
// the usual ones are offered as well: their provisional windows are there from the first value on. What was stored of
// sizes that a series has no more is not offered: nothing is added to it.
export function windowsToOffer({ measure, kind, windows }: Pick<Series, 'measure' | 'kind' | 'windows'>): string[] {
  const usual = kind === 'info' ? [] : ['PT15M', 'PT1H', 'P1D'];
  // What overlaps cannot stand side by side in a plot.
  return [...new Set([...windows, ...usual])]
    .filter((window) => !overlaps(window) && hasWindow(measure, window))
    .sort((a, b) => durationSeconds(a) - durationSeconds(b));
}

import { text } from '../i18n';
import { isOccupancy, measureName } from './measures';
import { decimal } from './numbers';
import { dateTime } from './time';

// Where a field's name already says the unit. Everything else is shown as the device put it.
const plainUnits: Record<string, string> = {
  temperature: '°C',
  humidity: '%',
  co2: 'ppm',
  light: 'lx',
  illuminance: 'lx',
};

export interface Reading {
  // The field as the device names it, and as people do.
  field: string;
  name: string;
  value: string;
}

// What a message is mostly about; the rest (batteries, flags, logs) is told in the details.
const foremost = new Set([
  'temperature',
  'external_temperature_1',
  'humidity',
  'co2',
  'light',
  'illuminance',
  'occupied',
  'occupancy',
  'volume',
  'energy',
  'power',
  'distance',
  'water_level',
  'pressure',
  'pm2_5',
  'pm10',
  'sound_average',
  'water_leak',
  'motion',
]);

// The readings that fit into one line.
export function summary(all: readonly Reading[]): readonly Reading[] {
  const main = all.filter(({ field }) => foremost.has(field));
  return (main.length > 0 ? main : all).slice(0, 5);
}

const maxReadings = 12;
const maxDepth = 6;

// A device's own message as short pairs: nested messages are flattened, and the last name on the way is enough.
export function readings(decoded: unknown): Reading[] {
  const found: Reading[] = [];
  walk(decoded, '', 0, found);
  return found;
}

function walk(value: unknown, name: string, depth: number, found: Reading[]): void {
  if (found.length >= maxReadings || depth > maxDepth || value === null || value === undefined) return;
  if (Array.isArray(value)) {
    const simple = value.every((item) => typeof item !== 'object');
    if (simple && value.length > 0) {
      const shown = value.slice(0, 4).map((item) => scalar(item, name));
      found.push({ field: name, name: measureName(name), value: shown.join(', ') + (value.length > 4 ? ' …' : '') });
    } else {
      value.slice(0, 4).forEach((item) => walk(item, name, depth + 1, found));
    }
  } else if (typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) walk(item, key, depth + 1, found);
  } else {
    found.push({ field: name, name: measureName(name), value: scalar(value, name) });
  }
}

function scalar(value: unknown, name: string): string {
  if (typeof value === 'boolean') {
    if (isOccupancy(name)) return text(value ? 'value.occupied' : 'value.free');
    return text(value ? 'value.yes' : 'value.no');
  }
  // All decimals the device sent: this is what it said, not a rounded view of it.
  if (typeof value === 'number') {
    if (/(^|_)time$/.test(name) && value > 1e9 && value < 1e10) return dateTime(value * 1000);
    const unit = plainUnits[name] ?? (/_temperature(_\d+)?$/.test(name) ? plainUnits['temperature'] : undefined);
    return unit ? `${decimal(value, 6)}\u202f${unit}` : decimal(value, 6);
  }
  const word = String(value);
  if (isOccupancy(name) && word === 'OCCUPIED') return text('value.occupied');
  if (isOccupancy(name) && word === 'UNOCCUPIED') return text('value.free');
  // Names of enums read as words; anything else as it is.
  return /^[A-Z][A-Z0-9_]*$/.test(word) ? word.toLowerCase().replaceAll('_', ' ') : word;
}

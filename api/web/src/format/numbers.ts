import { language } from '../i18n';

const cache = new Map<string, Intl.NumberFormat>();

function formatter(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const locale = language.get() === 'de' ? 'de-DE' : 'en-GB';
  const key = locale + JSON.stringify(options);
  let found = cache.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, options);
    cache.set(key, found);
  }
  return found;
}

// A count: 12.345 or 12,345.
export function integer(value: number): string {
  return formatter({ maximumFractionDigits: 0 }).format(value);
}

// At most `digits` decimals, none that say nothing.
export function decimal(value: number, digits = 2): string {
  return formatter({ maximumFractionDigits: digits }).format(value);
}

// A number for a narrow place: 12, 3.4k.
export function compact(value: number): string {
  return formatter({ notation: 'compact', maximumSignificantDigits: 3 }).format(value);
}

export function fixed(value: number, digits: number): string {
  return formatter({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

export function percent(share: number, digits = 0): string {
  return formatter({ style: 'percent', maximumFractionDigits: digits }).format(share);
}

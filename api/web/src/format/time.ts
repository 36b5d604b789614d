import { language, text, type Key } from '../i18n';

// The region's civil time; the API speaks UTC.
export const timeZone = 'Europe/Berlin';

const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = language.get() === 'de' ? 'de-DE' : 'en-GB';
  const key = locale + JSON.stringify(options);
  let found = cache.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { timeZone, ...options });
    cache.set(key, found);
  }
  return found;
}

type Instant = string | number;

// Milliseconds; NaN when the text is no time. Microseconds are cut: a screen cannot show them.
export function instant(time: Instant): number {
  return typeof time === 'number' ? time : Date.parse(time);
}

function show(time: Instant, options: Intl.DateTimeFormatOptions): string {
  const ms = instant(time);
  return Number.isFinite(ms) ? formatter(options).format(ms) : '–';
}

export function clock(time: Instant): string {
  return show(time, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

export function minute(time: Instant): string {
  return show(time, { hour: '2-digit', minute: '2-digit' });
}

export function day(time: Instant): string {
  return show(time, { weekday: 'short', day: '2-digit', month: '2-digit' });
}

export function dateTime(time: Instant): string {
  return show(time, { day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit' });
}

// "12. Juli" of 2026-07-12: a date is no instant, so no zone moves it.
export function calendarDate(date: string): string {
  return show(`${date}T12:00:00Z`, { day: 'numeric', month: 'short' });
}

// "Mo" of 1: days of a week without a date.
export function weekdayName(weekday: number): string {
  return show(Date.UTC(2024, 0, weekday, 12), { weekday: 'short' }); // the first of January 2024 was a Monday
}

// "12. Juli 2028": of moments that may be years away.
export function longDate(time: Instant): string {
  return show(time, { day: 'numeric', month: 'short', year: 'numeric' });
}

export function monthName(year: number, month: number): string {
  return show(Date.UTC(year, month, 15, 12), { month: 'short' });
}

// The midnight that began the day of a moment, in ms; also on a day whose clock is changed.
export function midnightBefore(now: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const secondsOfDay = (ms: number): number =>
    parts
      .format(ms)
      .split(':')
      .reduce((sum, part) => sum * 60 + Number(part), 0);
  const whole = Math.floor(now / 1000) * 1000;
  const guess = whole - secondsOfDay(whole) * 1000;
  const off = secondsOfDay(guess);
  return off === 0 ? guess : off < 43_200 ? guess - off * 1000 : guess + (86_400 - off) * 1000;
}

// The midnight with which a month (1 to 12) begins, in ms; noon is far from every change of clocks.
export function monthStart(year: number, month: number): number {
  return midnightBefore(Date.UTC(year, month - 1, 1, 12));
}

// "Juli 2026".
export function monthAndYear(year: number, month: number): string {
  return show(Date.UTC(year, month - 1, 15, 12), { month: 'long', year: 'numeric' });
}

// With the zone's short name, because in the night of October 02:30 comes twice.
export function windowLabel(start: Instant, end: Instant): string {
  const zone = formatter({ hour: '2-digit', timeZoneName: 'short' })
    .formatToParts(instant(start))
    .find((part) => part.type === 'timeZoneName')?.value;
  return `${day(start)} ${minute(start)}–${minute(end)}${zone ? ` ${zone}` : ''}`;
}

export function ago(time: Instant | null | undefined, now: number): string {
  if (time === null || time === undefined) return text('devices.never');
  const seconds = Math.max(0, Math.round((now - instant(time)) / 1000));
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 3) return text('ago.now');
  if (seconds < 90) return text('ago.seconds', { n: seconds });
  if (seconds < 90 * 60) return text('ago.minutes', { n: Math.round(seconds / 60) });
  if (seconds < 48 * 3600) return text('ago.hours', { n: Math.round(seconds / 3600) });
  return text('ago.days', { n: Math.round(seconds / 86_400) });
}

// How long it is until then; "jetzt" when it is over.
export function ahead(time: Instant, now: number): string {
  const minutes = Math.round((instant(time) - now) / 60_000);
  if (!Number.isFinite(minutes)) return '–';
  if (minutes <= 0) return text('ago.now');
  if (minutes < 90) return text('ahead.minutes', { n: minutes });
  if (minutes < 48 * 60) return text('ahead.hours', { n: Math.round(minutes / 60) });
  const days = Math.round(minutes / (24 * 60));
  return days < 730 ? text('ahead.days', { n: days }) : text('ahead.years', { n: Math.round(days / 365) });
}

// Days that are not from midnight to midnight of the region, as the server names them.
const otherDays: Record<string, { res: string; name: Key }> = {
  PT24H: { res: '24h', name: 'window.utc' },
  'P1D-CET': { res: 'day_cet', name: 'window.cet' },
  'P1D-RAIN': { res: 'rain_day', name: 'window.rain' },
  'P1D-GAS': { res: 'gas_day', name: 'window.gas' },
};

// Windows that begin before the one before has ended (PT1H/PT10M).
export function overlaps(window: string): boolean {
  return window.includes('/');
}

// Seconds of an ISO 8601 duration such as PT15M, PT1H or P1D, and of the server's other days; 0 when it is none.
export function durationSeconds(iso: string): number {
  if (iso in otherDays) return 86_400;
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(iso);
  if (!match) return 0;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

export function durationText(seconds: number): string {
  if (seconds % 86_400 === 0 && seconds > 0) return text('unit.days', { n: seconds / 86_400 });
  if (seconds % 3600 === 0 && seconds > 0) return text('unit.hours', { n: seconds / 3600 });
  return text('unit.minutes', { n: Math.round((seconds / 60) * 10) / 10 });
}

// "15 min", "1 d", "1 h / 10 min", and which day, where it is not the local one.
export function windowName(iso: string): string {
  const other = otherDays[iso];
  if (other) return text(other.name);
  return iso.split('/').map((part) => durationText(durationSeconds(part))).join(' / ');
}

// The resolution parameter of the API (1m, 15m, 1h, 1d) for a window such as PT15M; P1D is a local day.
export function resolution(iso: string): string {
  const other = otherDays[iso];
  if (other) return other.res;
  if (iso === 'P1D') return '1d';
  const seconds = durationSeconds(iso);
  return seconds > 0 && seconds % 3600 === 0 ? `${seconds / 3600}h` : `${seconds / 60}m`;
}

// "1 min, 15 min, 1 h", the shortest first.
export function windowsText(windows: readonly string[]): string {
  const length = (window: string): number => durationSeconds(window.split('/')[0] ?? '');
  return [...windows]
    .sort((a, b) => length(a) - length(b))
    .map(windowName)
    .join(', ');
}

// What the stand-in says of rooms: their air, their damp walls, how they are used.
import { dayFields, localDays, number, who } from './mock_environment.mjs';
import { iso, noise } from './mock_region.mjs';

const hourMs = 3_600_000;
const openMinutes = 480;

function days(query, now) {
  return localDays(Date.parse(query.get('from')), now);
}

function isWorkday(start) {
  const weekday = new Date(start + 12 * hourMs).getUTCDay();
  return weekday > 0 && weekday < 6;
}

// Some rooms are known badly, one in five has bad air.
export function airOf(device, query, now) {
  const stuffy = device.seed % 5 === 2 ? 0.5 : 0.12;
  const known = device.seed % 4 === 0 ? 300 : openMinutes;
  return {
    ...who(device), unit: 'ppm', version: 1,
    days: days(query, now).map((start) => {
      if (!isWorkday(start)) return { ...dayFields(start), holiday: null, open: false };
      const bad = stuffy * noise(start / hourMs + device.seed);
      const shares = [1 - 2 * bad, 1.4 * bad, 0.6 * bad];
      return {
        ...dayFields(start), holiday: null, open: true, open_from: iso(start + 8 * hourMs), open_to: iso(start + 16 * hourMs),
        open_minutes: openMinutes, known_minutes: known,
        classes: ['harmless', 'conspicuous', 'unacceptable'].map((level, i) => ({
          level, minutes: Math.round((shares[i] * known) / 15) * 15, share: number(shares[i], 4),
        })),
        minutes_to_1000: 75, minutes_to_1000_valid: true, highest_45min: number(900 + 3000 * bad, 1),
        highest_45min_start: iso(start + 10 * hourMs), valid: known >= 0.75 * openMinutes,
      };
    }),
  };
}

export function mouldOf(device, query, now) {
  const damp = device.seed % 7 === 1;
  return {
    ...who(device), version: 1,
    days: days(query, now).map((start, i) => ({
      ...dayFields(start), possible_hours: 24, hours: 24, critical_hours: damp ? 14 : device.seed % 4,
      risk: damp && i >= 4, valid: true,
    })),
  };
}

export function roomsOf(devices, query, now) {
  return {
    tenant: query.get('tenant'), site: query.get('site'), proxy_version: 1,
    days: days(query, now).map((start, i) => {
      const open = isWorkday(start) ? devices.length : 0;
      const taken = number(0.2 + 0.5 * noise(start / hourMs), 3);
      const known = open > 0 && i !== 5;
      return {
        ...dayFields(start), open_rooms: open, proxy_rooms: Math.min(open, 1), occupancy: known ? taken : null, coverage: open === 0 ? null : i === 5 ? 0 : i === 8 ? 0.6 : 0.97,
        peak: known ? { start: iso(start + 10 * hourMs), occupied: number(open * 0.9, 2), share: 0.9 } : null,
      };
    }),
    items: devices.map((d, i) => ({ ...who(d), proxy: i === 0, occupancy: number(0.2 + 0.5 * noise(d.seed), 3), coverage: 0.94 })),
  };
}

// What the stand-in says of containers, batteries, counting points, charge points, street light and buildings.
import { dateOf, dayFields, localDays, number, who } from './mock_environment.mjs';
import { iso, noise } from './mock_region.mjs';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

// Each fourth is due, each fourth soon, each fourth is not known because it was just emptied, each fourth does not fill.
export function waste(devices, now) {
  const items = devices.map((device) => {
    const kind = device.seed % 4;
    return {
      ...who(device), fill: [86, 61, 12, 34][kind] + number(noise(device.seed) * 3, 1), time: iso(now - hourMs),
      slope: [0.42, 0.31, null, 0][kind], due: [iso(now - hourMs), iso(now + (14 + 60 * noise(device.seed)) * hourMs), null, null][kind],
      full_hours: kind === 0 ? 6.5 : 0,
      emptyings: kind === 3 ? [] : [{ time: iso(now - (kind === 2 ? 5 : 150) * hourMs), fill: 88.5 }],
    };
  });
  items.sort((a, b) => (a.due ?? '9').localeCompare(b.due ?? '9'));
  return { unit: '%', slope_unit: '%/h', items };
}

export function batteries(devices, now) {
  const items = devices.map((device) => ({
    ...who(device), level: 18 + (device.seed % 70), time: iso(now - dayMs),
    slope_per_day: device.seed % 5 === 0 ? null : device.seed % 5 === 1 ? 0 : -0.08,
    empty: device.seed % 5 < 2 ? null : iso(now + ((8 + (device.seed % 70)) / 0.08) * dayMs),
  }));
  items.sort((a, b) => (a.empty ?? '9').localeCompare(b.empty ?? '9'));
  return { unit: '%', items };
}

export function trafficOf(device, query, now) {
  const days = localDays(Date.parse(query.get('from')), now - dayMs);
  const working = days.filter((start) => new Date(start + 12 * hourMs).getUTCDay() % 6 !== 0).length;
  const daily = (value, of) => ({ value, days: Math.max(of - 2, 0), possible_days: of, valid: of > 8 });
  return {
    ...who(device),
    counts: [
      ['bicycles', 412],
      ['vehicles', 6240],
    ].map(([measure, mean]) => ({
      measure, total: mean * days.length, dtv: daily(mean, days.length), dtvw: daily(Math.round(mean * 1.12), working),
      peak_hour: { start: iso(now - 2 * dayMs), count: Math.round(mean * 0.11) },
    })),
    presence: [], heavy_share: 0.064, v85: 52.7, v85_unit: 'km/h',
  };
}

// Quiet nights, two peaks on working days; nobody was counted on Sundays at four.
export function weekOf(device, query) {
  const measure = query.get('measure');
  const unit = device.kind.series.find(([name]) => name === measure)[1];
  const hours = Array.from({ length: 168 }, (_, i) => ({ weekday: 1 + Math.floor(i / 24), hour: i % 24 }))
    .filter(({ weekday, hour }) => weekday !== 7 || hour !== 4)
    .map(({ weekday, hour }) => {
      const peak = Math.exp(-(((hour - 8) / 2) ** 2)) + 1.2 * Math.exp(-(((hour - 17) / 3) ** 2));
      const median = Math.round((weekday < 6 ? 640 : 300) * peak);
      return { weekday, hour, weeks: 24, median, p95: Math.round(median * 1.3), highest: Math.round(median * 1.5) };
    });
  return { ...who(device), measure, unit, least_weeks: { median: 4, p95: 20 }, hours };
}

export function chargingOf(device, query, now) {
  const charging = (seed) => ({
    energy: number(18 + 20 * noise(seed), 2), sessions: 2 + (seed % 4), occupancy: number(0.2 + 0.4 * noise(seed + 1), 3),
    idle_share: number(0.5 * noise(seed + 2), 3), availability: seed % 6 === 1 ? 0.62 : 0.99,
  });
  return {
    ...who(device), unit: 'kWh', ...charging(device.seed),
    days: localDays(Date.parse(query.get('from')), now).map((start, i) => ({ ...dayFields(start), ...charging(device.seed + i) })),
  };
}

// One circuit of two stayed dark for a night.
export function lightOf(device, query, now) {
  const nights = localDays(Date.parse(query.get('from')), now - dayMs);
  return {
    ...who(device), unit: 'kWh', lamps: 24, located: true,
    nights: nights.map((start, i) => {
      const failed = device.seed % 2 === 0 && i === 3;
      return {
        date: dateOf(start), sunset: iso(start + 16 * hourMs), sunrise: iso(start + 31 * hourMs), night_hours: 15,
        known_hours: i === 1 ? 6 : 15, burn_hours: failed ? 0 : 14.5, day_burn_hours: device.seed % 2 === 1 && i > 4 ? 2.5 : 0,
        energy: failed ? 0 : 13.9, energy_per_lamp: failed ? 0 : number(13.9 / 24, 3), failed, valid: i !== 1,
      };
    }),
  };
}

export function building(device, query) {
  const use = (energy, known) => ({
    energy, degree_days: 412.5, co2: number(energy * 0.201, 1), energy_per_degree_day: number(energy / 412.5, 3),
    days: known, possible_days: 30, valid: known > 22,
  });
  return {
    ...who(device), measure: query.get('measure'), carrier: query.get('carrier'), now: use(3_180.5, 28), before: use(3_650.25, 24),
    saving: number(1 - 3_180.5 / 3_650.25, 4),
  };
}

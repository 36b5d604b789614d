// What the stand-in says of climate, rain, air and water: made-up, a function of time, with everything in it that a
// page must show: gaps, thin hours, values left out.
import { iso, noise } from './mock_region.mjs';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const zoneMs = hourMs; // winter time, all the year

function who(device) {
  return { tenant: device.tenant, site: device.site, dev_eui: device.dev_eui, device: device.name };
}

export function dateOf(start) {
  return new Date(start + zoneMs).toISOString().slice(0, 10);
}

// A local day as lists of days have it.
export function dayFields(start) {
  return { date: dateOf(start), start: iso(start), end: iso(start + dayMs) };
}

export { who };

export function number(value, digits) {
  return Number(value.toFixed(digits));
}

// Days since the year began, with the year's wave: a cold January, a hot July.
function dayOf(device, start) {
  const day = Math.round((start + zoneMs) / dayMs);
  const wave = -Math.cos(((day % 365.25) / 365.25) * 2 * Math.PI);
  const weather = (noise(day) - 0.5) * 12;
  const mean = 10 + 10 * wave + weather;
  return { day, mean, min: mean - 4 - noise(day + 1) * 3, max: mean + 5 + noise(day + 2) * 4, missing: day % 29 === device.seed % 29 };
}

export function dayRow(device, [measure, unit, kind], start, now, base) {
  const { day, mean, min, max, missing } = dayOf(device, start);
  if (missing || start > now) return null;
  const coverage = start + dayMs > now ? (now - start) / dayMs : day % 17 === 0 ? 0.6 : 1;
  const covered = coverage >= 0.875;
  const yes = (name, value, decided) => ({
    name, value: value ? 1 : 0, unit: '', level: null, valid: covered || decided, version: 1, indicative: false,
  });
  return {
    ...base, ...who(device), measure, unit, kind, window: 'P1D', start: iso(start), end: iso(start + dayMs), count: 144,
    mean, min, min_time: iso(start + 5 * hourMs), max, max_time: iso(start + 14 * hourMs), sum: mean * 144, coverage,
    valid: coverage >= 0.75, final: start + dayMs + 300_000 <= now, revision: 0, left_out: day % 23 === 0 ? 3 : 0,
    indicators: [
      yes('summer_day', max >= 25, max >= 25),
      yes('hot_day', max >= 30, max >= 30),
      yes('frost_day', min < 0, min < 0),
      yes('ice_day', max < 0, max >= 0),
    ],
  };
}

export function localDays(from, to) {
  const first = Math.ceil((from + zoneMs) / dayMs) * dayMs - zoneMs;
  const days = [];
  for (let at = first; at < to; at += dayMs) days.push(at);
  return days;
}

function sums(device, series, from, to, now) {
  const over = localDays(from, Math.min(to, now - dayMs));
  const rows = over.map((start) => dayRow(device, series, start, now, {})).filter((row) => row !== null);
  const valid = rows.filter(({ coverage }) => coverage >= 0.875).length;
  const count = (name) => rows.filter(({ indicators }) => indicators.some((i) => i.name === name && i.value > 0)).length;
  const whole = valid === over.length;
  return {
    expected_days: over.length, days: rows.length, valid_days: valid,
    indicators: [
      ...['summer_day', 'hot_day', 'frost_day', 'ice_day'].map((name) => ({ name, value: count(name), unit: 'd', valid: whole })),
      { name: 'tropical_night', value: rows.filter(({ min }) => min >= 16).length, unit: 'd', valid: whole },
      {
        name: 'heating_degree_days_20_15', unit: 'Kd', valid: whole,
        value: number(rows.reduce((all, { mean }) => all + (mean < 15 ? 20 - mean : 0), 0), 2),
      },
    ],
  };
}

export function climateYear(device, year, now) {
  const series = device.kind.series.find(([measure]) => measure === 'temperature');
  const begin = (month) => Date.UTC(year, month, 1) - zoneMs;
  const months = Array.from({ length: 12 }, (_, month) => month).filter((month) => begin(month) < now);
  return {
    ...who(device), year, window: 'P1D', ...sums(device, series, begin(0), begin(12), now),
    growth_start: `${year}-03-19`, growth_start_valid: false,
    tropical_nights: localDays(begin(0), Math.min(begin(12), now - dayMs))
      .map((start) => dayRow(device, series, start, now, {}))
      .filter((row) => row !== null && row.min >= 16)
      .map(({ start }) => ({ date: dateOf(Date.parse(start)), valid: true })),
    months: months.map((month) => ({
      month: `${year}-${String(month + 1).padStart(2, '0')}`, ...sums(device, series, begin(month), begin(month + 1), now),
    })),
  };
}

const steps = { 1: [15, 25, 40], 6: [20, 35, 60], 12: [Infinity, 40, Infinity], 24: [Infinity, 50, Infinity], 48: [Infinity, 60, Infinity], 72: [Infinity, 90, Infinity] };

export function rainOf(device, from, now) {
  const fallen = (hour) => (hour % 40 < 9 ? number(noise(hour) ** 3 * 34, 1) : 0);
  const missing = (hour) => hour % 31 === 4;
  const hours = [];
  for (let end = Math.ceil(from / hourMs) * hourMs + hourMs; end <= now; end += hourMs) {
    const last = end / hourMs;
    hours.push({
      end: iso(end),
      sums: Object.keys(steps).map(Number).flatMap((length) => {
        const all = Array.from({ length }, (_, i) => last - i).filter((hour) => !missing(hour));
        if (all.length === 0) return [];
        const sum = number(all.reduce((total, hour) => total + fallen(hour), 0), 1);
        const [marked, severe, extreme] = steps[length];
        const level = sum > extreme ? 'extreme' : sum > severe ? 'severe' : sum >= marked ? 'marked' : 'none';
        return [{ hours: length, sum, present_hours: all.length, level, valid: all.length === length }];
      }),
    });
  }
  return { ...who(device), unit: 'mm', hours };
}

// Two events, the older one with a quarter hour missing in it.
export function rainEventsOf(device, now) {
  const event = (hoursAgo, sum, valid) => {
    const start = Math.floor((now - hoursAgo * hourMs) / 900_000) * 900_000;
    return {
      start: iso(start), end: iso(start + 5 * hourMs), sum, duration_h: 5, rain_h: 3.25, intensity: number(sum * 1.2, 1),
      intensity_start: iso(start + hourMs), valid,
    };
  };
  return { ...who(device), unit: 'mm', events: [event(300, 8.4, false), event(60, 21.6, true)] };
}

// An hour in fourteen is missing; one has wind from everywhere; some are covered too little.
export function windOf(device, from, now) {
  const windows = [];
  for (let start = Math.ceil(from / hourMs) * hourMs; start + hourMs <= now; start += hourMs) {
    const hour = start / hourMs;
    if (hour % 14 === 3) continue;
    const mean = number(1 + 6 * noise(hour), 2);
    const around = hour % 9 === 4;
    const direction = around ? null : number((hour * 11) % 360, 1);
    windows.push({
      start: iso(start), end: iso(start + hourMs), mean, direction, vector_speed: around ? null : number(mean * 0.8, 2),
      steadiness: around ? null : 0.8, highest: number(mean * 1.4, 2), highest_time: iso(start + 900_000),
      gust: number(mean * 1.9, 2), gust_time: iso(start + 1_200_000), valid: hour % 11 !== 5,
    });
  }
  return { ...who(device), unit: 'm/s', window: 'PT1H', windows };
}

const classes = { pm10: [10, 28, 55, 91], pm2_5: [6, 16, 31, 51] };
const levels = ['very_good', 'good', 'moderate', 'poor', 'very_poor'];

export function airOf(tenant, site, from, now) {
  const items = [];
  for (let start = Math.ceil(from / hourMs) * hourMs; start + hourMs <= now; start += hourMs) {
    const hour = start / hourMs;
    if (hour % 37 === 3) continue;
    const pollutants = Object.entries(classes).map(([measure, bounds]) => {
      const mean = number((measure === 'pm10' ? 1 : 0.6) * (6 + 70 * noise(Math.floor(hour / 5)) ** 2 + noise(hour) * 5), 1);
      const place = bounds.filter((bound) => Math.round(mean) >= bound).length;
      return {
        measure, unit: 'ug/m3', mean, valid: hour % 19 !== 0, level: levels[place], place,
        mean_8h: hour % 19 < 8 ? null : mean - 1, mean_24h: mean - 2,
      };
    });
    const valid = pollutants.filter((one) => one.valid);
    const worst = valid.sort((a, b) => b.place - a.place)[0];
    items.push({
      start: iso(start), end: iso(start + hourMs), pollutants: pollutants.map(({ place: _, ...one }) => one),
      index: worst ? { level: worst.level, place: worst.place, pollutant: worst.measure, incomplete: true } : null,
    });
  }
  return { tenant, site, from: iso(from), to: iso(now), indicative: true, version: 2, items, aot40: null };
}

export function heatIsland(tenant, site, references, from, now) {
  return {
    tenant, site, references: references.map((name) => ({ site: name, height_difference: null })),
    items: localDays(from, now).map((start, i) => ({
      date: new Date(start + zoneMs).toISOString().slice(0, 10), start: iso(start - 2 * hourMs), end: iso(start + 6 * hourMs),
      difference: number(1.4 + Math.sin(i) * 1.6, 2), unit: 'K', hours: i % 6 === 2 ? 3 : 8, possible_hours: 8, valid: i % 6 !== 2,
    })),
  };
}

// One day is not measured at all, one in ten too little.
export function noiseOf(device, query, now) {
  const level = (start, base, hours, measured) => ({
    level: number(base + 4 * noise(start / dayMs + base), 1), hours: measured, possible_hours: hours, valid: measured >= 0.75 * hours,
  });
  return {
    ...who(device), unit: 'dB', hours: query.get('hours') ?? 'de', version: 1, indicative: true,
    days: localDays(Date.parse(query.get('from')), now).map((start, i) => {
      if (i === 4) return { ...dayFields(start), day: null, evening: null, night: null, lden: null, valid: null };
      const thin = i % 10 === 6;
      return {
        ...dayFields(start), day: level(start, 62, 12, thin ? 7 : 12), evening: level(start, 59, 4, 4), night: level(start, 52, 8, 8),
        lden: number(63 + 4 * noise(start / dayMs), 1), valid: !thin,
      };
    }),
  };
}

export function sunOf(device, query, now) {
  const bounds = [[3, 'low'], [6, 'moderate'], [8, 'high'], [11, 'very_high'], [Infinity, 'extreme']];
  return {
    ...who(device), version: 1,
    days: localDays(Date.parse(query.get('from')), now).flatMap((start, i) => {
      if (i === 3) return [];
      const highest = number(1 + 10.5 * noise(start / dayMs), 1);
      return [
        {
          ...dayFields(start), highest, highest_time: iso(start + 12 * hourMs), level: bounds.find(([end]) => highest < end)[1],
          protection_hours: highest < 3 ? 0 : 4.5, quarters: i % 9 === 5 ? 60 : 96, possible_quarters: 96, valid: i % 9 !== 5,
        },
      ];
    }),
  };
}

const bounds = [['w1', 1.1, 'info', 'Wiesen und Felder', 'Meadows and fields'], ['w2', 1.6, 'warning', 'Einzelne Grundstücke und Keller', 'Single plots and cellars'], ['w3', 2.1, 'alarm', 'Bebaute Gebiete', 'Built-up areas']];

export const thresholds = bounds.map(([, threshold, severity, de, en], i) => ({
  use_case: 'flood-level', rule: `level-${i + 1}`, measure: 'water_level', window: null, statistic: null, comparison: 'above',
  threshold, severity, text: { de, en },
}));

export function levelOf(device, measure, now) {
  const level = number(1.2 + 0.3 * noise(device.seed), 2);
  return {
    ...who(device), measure, unit: 'm', level, time: iso(now - 600_000),
    rise_per_hour: number(0.12 + 0.1 * noise(device.seed + 1), 3), rise_per_hour_15min: number(0.12 + 0.2 * noise(device.seed + 2), 3),
    thresholds: bounds.map(([parameter, value], i) => ({
      parameter, value, reached: level >= value, at: level >= value || i === 2 ? null : iso(now + 2.5 * hourMs),
    })),
  };
}

export function balance(meters, query, now) {
  const from = Date.parse(query.get('from'));
  const silent = meters.filter(({ seed }) => seed % 9 === 0).map(({ dev_eui }) => dev_eui);
  return {
    measure: 'water_volume', window: 'P1D',
    items: localDays(from, now).map((start, i) => {
      const known = i % 5 !== 3;
      const amount = number(38 + 6 * Math.sin(i), 3);
      const used = number(amount * 0.93, 3);
      const night = i % 7 === 5 ? null : number(0.42 + 0.1 * Math.sin(i), 3);
      const use = query.get('night_use');
      return {
        start: iso(start), end: iso(start + dayMs), unit: 'm3',
        inflow: { amount, meters: 1, coverage: 1, not_reporting: [] },
        consumption: { amount: used, meters: meters.length, coverage: known ? 0.99 : 0.8, not_reporting: known ? [] : silent },
        difference: known ? number(amount - used, 3) : null,
        loss: known && query.get('network_m') ? ['low', 'medium', 'high'][i % 3] : null,
        night_flow: night, night_clock_change: false,
        ...(use ? { net_night_flow: night === null ? null : number(night - Number(use) * meters.length, 3) } : {}),
        final: start + 3 * dayMs < now,
      };
    }),
  };
}

// A town's hours: of the rows of its devices, each counted once.
export function placeRows(tenant, measure, rows, now) {
  const byStart = new Map();
  for (const row of rows) byStart.set(row.start, [...(byStart.get(row.start) ?? []), row]);
  return [...byStart.values()].flatMap((members) => {
    const [first] = members;
    if (Date.parse(first.end) + 400_000 > now) return [];
    const means = members.map(({ mean }) => mean);
    const used = members.filter(({ valid }) => valid !== false).length;
    return [
      {
        ...first, tenant, site: null, dev_eui: null, device: null, measure, level: 'tenant', count: used,
        mean: means.reduce((a, b) => a + b, 0) / means.length, min: Math.min(...means), max: Math.max(...means),
        members_used: used, members_total: members.length, coverage: used / members.length, valid: used / members.length >= 0.75,
        lowest: Math.min(...means) - 0.4, highest: Math.max(...means) + 0.4, final: true,
      },
    ];
  });
}

// What a town publishes: rain of its sites, and what its meters count together.
export function openRows(devices, query, now) {
  const measure = query.get('measure');
  const privacy = { precipitation: 'open', temperature: 'open', water_volume: 'household' }[measure];
  if (!privacy || devices.length === 0) return [];
  const [, unit, kind] = devices[0].kind.series.find(([name]) => name === measure);
  const used = privacy === 'household' ? 14 : devices.length;
  const late = privacy === 'household' ? 2 * dayMs : dayMs;
  return localDays(Date.parse(query.get('from')), now - late).map((start) => ({
    tenant: query.get('tenant'), level: 'tenant', measure, unit, kind, window: 'P1D', start: iso(start), end: iso(start + dayMs),
    sum: number(4 + noise(start / dayMs), 3), count: used, members_used: used, members_total: devices.length, coverage: 0.96, valid: true,
    final: true, revision: 0, privacy,
  }));
}

// Particles were too high on 36 days; of ozone there are too few hours to know.
export function limitsOf(query) {
  const limit = (measure, mean_of, limit, allowed, more) => ({
    measure, unit: 'ug/m3', mean_of, limit, allowed, mean: null, exceeded: 0, exceeded_at: [], kept: true, counted: 300,
    possible: 330, capture: 0.909, valid: true, humid_share: null, version: 1, source: '39. BImSchV', ...more,
  });
  return {
    tenant: query.get('tenant'), site: query.get('site'), year: Number(query.get('year')), indicative: true,
    items: [
      limit('pm10', 'day', 50, 35, { exceeded: 36, kept: false, humid_share: 0.31 }),
      limit('pm10', 'year', 40, null, { mean: 21.4, counted: 7200, possible: 7920 }),
      limit('o3', 'highest_8h', 120, 25, {
        exceeded: 3, counted: 120, capture: 0.364, valid: false,
        over_years: { years: 2, days: 37, mean: 18.5, kept: true, valid: true },
      }),
      limit('no2', 'three_hours', 400, 0, { counted: 7200, possible: 7920 }),
    ],
  };
}

// A hot spell that ended a fortnight ago; one of its days has too few hours, one has none.
export function heatHoursOf(device, from, now) {
  const days = localDays(from, now - dayMs).map((start, i, all) => {
    const ago = all.length - i;
    const hot = ago > 14 && ago < 20 ? ago - 12 : 0;
    return {
      ...dayFields(start), hot_hours: hot, hours: ago === 16 ? 15 : 24, strong_heat_hours: hot > 5 ? 3 : 0,
      extreme_heat_hours: hot > 6 ? 1 : 0, heat_index_hours: 24, possible_hours: 24, valid: ago !== 16,
    };
  });
  return { ...who(device), days: days.filter((_, i) => days.length - i !== 17) };
}

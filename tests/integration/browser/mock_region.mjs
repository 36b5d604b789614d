// A made-up region for the page's own tests: six towns with values that are pure functions of time. It stands in for a
// server only here; nothing of it is in the page.
import { counterFields } from './mock_meters.mjs';

const names = [
  ['menden', 'Menden', '05962040', 51.44, 7.795, 12, 46],
  ['soest', 'Soest', '05974040', 51.572, 8.105, 10, 40],
  ['arnsberg', 'Arnsberg', '05958004', 51.41, 8.03, 14, 52],
  ['iserlohn', 'Iserlohn', '05962024', 51.378, 7.685, 13, 58],
  ['bad-berleburg', 'Bad Berleburg', '05970004', 51.05, 8.4, 9, 22],
  ['olpe', 'Olpe', '05966024', 51.03, 7.85, 7, 24],
];

// Repeatable noise in [0, 1).
export function noise(seed) {
  let x = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0) ^ 0x5bd1e995;
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0;
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39) >>> 0;
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
}

const iso = (ms) => new Date(ms).toISOString().replace('Z', '000Z');
const hex = (value, digits) => value.toString(16).padStart(digits, '0');
const round = (value, digits) => Number(value.toFixed(digits));

const kinds = {
  room: {
    profile: 'elsys/ers',
    name: 'Klassenraum',
    site: 'Schule',
    series: [
      ['temperature', 'Cel', 'gauge'],
      ['relative_humidity', '%RH', 'gauge'],
      ['co2', 'ppm', 'gauge'],
      ['mould_humidity', '%RH', 'gauge'],
      ['battery_voltage', 'V', 'gauge'],
    ],
  },
  climate: {
    profile: 'milesight/em300-th',
    name: 'Klima',
    site: 'Stadtpark',
    series: [
      ['temperature', 'Cel', 'gauge'],
      ['relative_humidity', '%RH', 'gauge'],
      ['heat_index', 'Cel', 'gauge'],
    ],
  },
  weather: {
    profile: 'weather/station',
    name: 'Wetter',
    site: 'Bauhof',
    series: [
      ['temperature', 'Cel', 'gauge'],
      ['heat_index', 'Cel', 'gauge'],
      ['precipitation', 'mm', 'event'],
      ['wind_speed', 'm/s', 'gauge'],
    ],
  },
  air: {
    profile: 'air/box',
    name: 'Luft',
    site: 'Marktplatz',
    series: [
      ['pm10', 'ug/m3', 'gauge'],
      ['pm2_5', 'ug/m3', 'gauge'],
    ],
  },
  level: {
    profile: 'level/sensor',
    name: 'Pegel',
    site: 'Brücke',
    series: [['water_level', 'm', 'gauge']],
  },
  parking: {
    profile: 'bosch/tps110',
    name: 'Stellplatz',
    site: 'Parkplatz Rathaus',
    series: [['parking_occupied', '', 'state']],
  },
  container: {
    profile: 'dragino/ldds75',
    name: 'Behälter',
    site: 'Wertstoffhof',
    series: [
      ['fill_level', '%', 'gauge'],
      ['battery_level', '%', 'gauge'],
    ],
  },
  counter: {
    profile: 'count/radar',
    name: 'Zählstelle',
    site: 'Hauptstraße',
    series: [
      ['vehicles', 'count', 'event'],
      ['bicycles', 'count', 'event'],
    ],
  },
  noise: {
    profile: 'noise/sensor',
    name: 'Schall',
    site: 'Hauptstraße',
    series: [['sound_energy', '', 'gauge']],
  },
  sun: {
    profile: 'sun/sensor',
    name: 'Sonne',
    site: 'Freibad',
    series: [['uv_index', '1', 'gauge']],
  },
  meeting: {
    profile: 'room/presence',
    name: 'Sitzungsraum',
    site: 'Schule',
    series: [
      ['occupancy', '', 'state'],
      ['battery_level', '%', 'gauge'],
    ],
  },
  charging: {
    profile: 'charge/point',
    name: 'Ladepunkt',
    site: 'Parkplatz Rathaus',
    series: [
      ['occupancy', '', 'state'],
      ['energy', 'kWh', 'counter'],
    ],
  },
  light: {
    profile: 'light/feed',
    name: 'Stromkreis',
    site: 'Altstadt',
    series: [['energy', 'kWh', 'counter']],
  },
  heat: {
    profile: 'heat/meter',
    name: 'Wärmezähler',
    site: 'Rathaus',
    series: [
      ['heat_energy', 'kWh', 'counter'],
      ['water_volume', 'm3', 'counter'],
    ],
  },
  well: {
    profile: 'well/level',
    name: 'Brunnen',
    site: 'Wasserwerk',
    series: [['groundwater_level', 'm', 'gauge']],
  },
  water: {
    profile: 'axioma/w1',
    name: 'Wasserzähler',
    site: 'Stadtwerke',
    series: [['water_volume', 'm3', 'counter']],
  },
};
const mix = ['room', 'climate', 'parking', 'parking', 'room', 'water'];
const single = { 7: 'weather', 13: 'air', 19: 'level' }; // one of each in every town
// What a town has beside them: of these some of each at one site.
const further = ['container', 'container', 'container', 'container', 'counter', 'noise', 'sun', 'meeting', 'meeting', 'charging', 'charging', 'light', 'light', 'heat', 'well'];

export const tenants = names.map(([name, title, ags]) => ({ name, title, ags }));
export const gateways = [];
export const devices = [];

names.forEach(([tenant, , , latitude, longitude, gatewayCount, deviceCount], town) => {
  const scatter = (seed, width) => (noise(seed) + noise(seed + 7777) - 1) * width;
  for (let i = 0; i < gatewayCount; i += 1) {
    const seed = town * 1000 + i;
    gateways.push({
      gateway_id: `0016c001ff${hex(seed, 6)}`,
      name: `${tenant}-gw-${i + 1}`,
      tenant,
      location: {
        latitude: latitude + scatter(seed, 0.05),
        longitude: longitude + scatter(seed + 1, 0.08),
        approximate: false,
      },
      online: noise(seed + 5) > 0.08,
    });
  }
  const device = (kind, i, site) => {
    const seed = 50_000 + town * 1000 + i;
    const place = {
      latitude: latitude + scatter(seed, 0.045),
      longitude: longitude + scatter(seed + 1, 0.07),
      approximate: true,
    };
    devices.push({
      dev_eui: `a81758fffe${hex(seed, 6)}`,
      name: `${kind.name} ${i + 1}`,
      tenant,
      site,
      profile: kind.profile,
      kind,
      seed,
      location: kind.profile === 'axioma/w1' ? null : place,
    });
  };
  for (let i = 0; i < deviceCount; i += 1) {
    const kind = kinds[single[i] ?? mix[i % mix.length]];
    device(kind, i, `${kind.site} ${1 + (i % 5)}`);
  }
  further.forEach((name, i) => device(kinds[name], deviceCount + i, `${kinds[name].site} 1`));
});

export function value(device, measure, ms) {
  const h = (ms / 3_600_000) % 24;
  const wave = Math.sin(((h - 9) / 24) * 2 * Math.PI);
  const jitter = noise(device.seed + Math.floor(ms / 600_000)) - 0.5;
  const indoors = device.profile === 'elsys/ers';
  switch (measure) {
    case 'temperature':
      return round((indoors ? 20.5 + 1.4 * wave : 5.5 + 3.6 * wave) + (device.seed % 13) / 10 + jitter * 0.7, 1);
    case 'heat_index':
      return round(5 + 3.6 * wave + jitter, 1);
    case 'precipitation':
      return round(Math.max(0, jitter), 1);
    case 'pm10':
    case 'pm2_5':
      return round(12 + 6 * wave + jitter * 4, 1);
    case 'water_level':
      return round(1.05 + 0.4 * Math.sin(ms / 40_000_000 + device.seed) + jitter * 0.03, 2);
    case 'groundwater_level':
      return round(112.4 + 0.2 * wave, 2);
    case 'relative_humidity':
      return round((indoors ? 44 : 78) - 7 * wave + jitter * 4, 0);
    case 'co2':
      return Math.round(430 + (h > 7 && h < 14 ? 700 * Math.abs(Math.sin((h - 7) * 1.9)) : 0) + jitter * 40);
    case 'mould_humidity':
      return round(58 - 7 * wave + jitter * 4, 0);
    case 'fill_level':
      return round((ms / 3_600_000 + device.seed * 17) % 96, 0);
    case 'battery_level':
      return round(18 + (device.seed % 70), 0);
    case 'vehicles':
    case 'bicycles':
      return Math.round((measure === 'vehicles' ? 180 : 22) * (1.2 + wave) + jitter * 20);
    case 'sound_energy':
      return round(10 ** (5.6 + 0.4 * wave), 0);
    case 'uv_index':
      return round(Math.max(0, 5 * Math.sin(((h - 6) / 12) * Math.PI)), 1);
    case 'energy':
    case 'heat_energy':
      return round(ms / 360_000 - 4_900_000 + (device.seed % 97), 1);
    case 'battery_voltage':
      return round(3.61 + jitter * 0.02, 3);
    case 'water_volume':
      return round(120 + ms / 3_600_000_0 - 49_000 + (device.seed % 97), 3);
    default:
      return occupiedAt(device, ms) ? 1 : 0;
  }
}

function occupiedAt(device, ms) {
  const h = (ms / 3_600_000 + 1) % 24;
  const demand = h > 7 && h < 19 ? 0.72 : 0.16;
  return noise(device.seed * 31 + Math.floor(ms / 1_500_000)) < demand;
}

export function latestTime(device, now) {
  const every = 600_000;
  return now - ((now + noise(device.seed) * every) % every);
}

export function latestOf(device, now) {
  const at = latestTime(device, now);
  return device.kind.series.map(([measure, unit, kind]) => ({
    measure,
    unit,
    kind,
    value: value(device, measure, at),
    time: iso(at),
    source: { topic: 'int.measurement', partition: device.seed % 16, offset: device.seed * 97 },
  }));
}

// One device was out of order for three hours, another has a poor radio link: gaps and low coverage to look at.
function broken(device, start, now) {
  const age = (now - start) / 3_600_000;
  return device.seed % 10 === 0 && age > 9 && age < 12;
}

export function aggregate(device, [measure, unit, kind], window, stepMs, start, now) {
  if (start >= now || broken(device, start, now)) return null;
  const end = start + stepMs;
  const seen = Math.min(end, now) - start;
  const base = {
    tenant: device.tenant,
    site: device.site,
    dev_eui: device.dev_eui,
    device: device.name,
    measure,
    unit,
    kind,
    window,
    start: iso(start),
    end: iso(end),
    count: null,
    mean: null,
    min: null,
    min_time: null,
    max: null,
    max_time: null,
    deviation: null,
    p10: null,
    p50: null,
    p85: null,
    p90: null,
    sum: null,
    occupied_share: null,
    occupied_s: null,
    known_s: null,
    arrivals: null,
    transitions: null,
    estimated: null,
    resets: null,
    final: end + 300_000 <= now,
    revision: 0,
  };
  if (kind === 'counter') {
    const row = { ...base, count: 4, ...counterFields(start, end, now) };
    return { ...row, valid: row.coverage >= 0.75 };
  }
  const points = [];
  for (let at = start; at < start + seen; at += 60_000) points.push(at);
  if (points.length === 0) return null;
  if (kind === 'state') {
    const on = points.filter((at) => occupiedAt(device, at)).length;
    const known = seen / 1000;
    const transitions = points.filter(
      (at, i) => i > 0 && occupiedAt(device, at) !== occupiedAt(device, points[i - 1]),
    ).length;
    return {
      ...base,
      occupied_share: on / points.length,
      occupied_s: round((known * on) / points.length, 0),
      known_s: round(known, 0),
      transitions,
      coverage: seen / stepMs,
      valid: seen / stepMs >= 0.75,
      count: Math.ceil(points.length / 20),
    };
  }
  const sampled = points.filter((at) => at % 600_000 < 60_000 || stepMs < 600_000);
  const thin = device.seed % 10 === 6 && noise(device.seed + start / 1000) > 0.8;
  const used = sampled.length > 0 ? sampled : [points[0]];
  const values = used.map((at) => value(device, measure, at + 1));
  const min = Math.min(...values);
  const max = Math.max(...values);
  const coverage = Math.min(1, (seen / stepMs) * (thin ? 0.5 : 1));
  return {
    ...base,
    count: values.length,
    mean: values.reduce((a, b) => a + b, 0) / values.length,
    sum: values.reduce((a, b) => a + b, 0),
    min: min - (stepMs > 1e6 ? 0.2 : 0),
    min_time: iso(used[values.indexOf(min)]),
    max: max + (stepMs > 1e6 ? 0.2 : 0),
    max_time: iso(used[values.indexOf(max)]),
    // Batteries report when they like: nobody knows how much is missing.
    left_out: measure === 'water_level' && noise(start / 1000) > 0.9 ? 2 : 0,
    coverage: measure === 'battery_voltage' ? null : coverage,
    valid: measure === 'battery_voltage' ? null : coverage >= 0.75,
  };
}

export function decoded(device, now) {
  const pick = (measure) => value(device, measure, now);
  switch (device.profile) {
    case 'elsys/ers':
      return { temperature: pick('temperature'), humidity: pick('relative_humidity'), co2: pick('co2') };
    case 'milesight/em300-th':
      return { temperature: pick('temperature'), humidity: pick('relative_humidity') };
    case 'weather/station':
      return { temperature: pick('temperature'), precipitation: pick('precipitation') };
    case 'air/box':
      return { pm10: pick('pm10'), pm2_5: pick('pm2_5') };
    case 'level/sensor':
      return { water_level: pick('water_level') };
    case 'bosch/tps110':
      return { parking: { occupied: pick('parking_occupied') === 1 } };
    default:
      return { basic: { volume: Math.round(pick('water_volume') * 1000), low_battery: false } };
  }
}

export { iso, hex };

// How a device was heard in the last day: most of them well, some of them badly, one of fifty not at all.
export function radioOf(device, now) {
  const far = noise(device.seed * 3);
  const never = device.seed % 50 === 49;
  const silent = device.seed % 23 === 7;
  const uplinks = never ? 0 : 120 + (device.seed % 40);
  const lost = Math.round(uplinks * far ** 8 * 0.4);
  const factor = Math.min(5, Math.floor(far * far * 7));
  return {
    dev_eui: device.dev_eui,
    name: device.name,
    tenant: device.tenant,
    site: device.site,
    profile: device.profile,
    last_seen: never ? null : iso(now - (silent ? 9_000_000 : 240_000)),
    interval_s: 600,
    silent: never ? null : silent,
    gateway_id: null,
    uplinks,
    lost,
    loss: never ? null : lost / (lost + uplinks),
    link_margin: never ? null : round(14 - far * 13, 2),
    link_margin_min: never ? null : round(9 - far * 14, 1),
    gateways: never ? null : round(4 - far * 3, 2),
    alone: never ? null : round(far ** 3, 3),
    spreading_factors: [0, 1, 2, 3, 4, 5].map((i) => (never ? 0 : i === factor ? uplinks - 4 : i === factor + 1 ? 4 : 0)),
    airtime_s: never ? 0 : round(uplinks * 0.0617 * 1.85 ** factor, 6),
    joins: device.seed % 31 === 3 ? 4 : 0,
  };
}

export function radioTotals(items) {
  const sum = (of) => items.reduce((all, item) => all + of(item), 0);
  const heard = items.filter((item) => item.uplinks > 0);
  const mean = (of) => (heard.length === 0 ? null : heard.reduce((all, item) => all + of(item), 0) / heard.length);
  const uplinks = sum((d) => d.uplinks);
  const lost = sum((d) => d.lost);
  return {
    devices: items.length,
    silent: items.filter((d) => d.silent).length,
    never_heard: items.filter((d) => d.last_seen === null).length,
    uplinks,
    lost,
    loss: uplinks + lost === 0 ? null : lost / (uplinks + lost),
    link_margin: mean((d) => d.link_margin),
    link_margin_min: heard.length === 0 ? null : Math.min(...heard.map((d) => d.link_margin_min)),
    gateways: mean((d) => d.gateways),
    alone: mean((d) => d.alone),
    spreading_factors: [0, 1, 2, 3, 4, 5].map((i) => sum((d) => d.spreading_factors[i])),
    airtime_s: sum((d) => d.airtime_s),
    joins: sum((d) => d.joins),
  };
}

export function healthOf(gateway, now) {
  const seed = Number.parseInt(gateway.gateway_id.slice(10), 16);
  return {
    gateway_id: gateway.gateway_id,
    name: gateway.name,
    tenant: gateway.tenant,
    last_seen: iso(now - (gateway.online ? 4000 : 9_000_000)),
    online: gateway.online,
    availability: round(gateway.online ? 1 - noise(seed) ** 6 * 0.03 : 0.86, 4),
    minutes: 1560,
    frames: 4000 + (seed % 900),
    frames_alone: 200 + (seed % 90),
    alone: round((200 + (seed % 90)) / (4000 + (seed % 900)), 4),
    rx_ok: 0.997,
    uplink_airtime_s: 310.5 + (seed % 70),
    downlink_airtime_s: 2.25,
    downlinks: 31,
    downlinks_refused: seed % 3,
    duty_cycle_refused: seed % 2,
    foreign_frames: seed % 5 === 0 ? 5200 : 40 + (seed % 60),
    foreign_airtime_s: seed % 5 === 0 ? 402.75 : 2.5,
    sub_bands: [['g1', 868_000_000, 868_600_000, 36, 0.03 + noise(seed) * 0.2], ['g3', 869_400_000, 869_650_000, 360, seed % 4 === 1 ? 0.93 : 0.01]].map(
      ([name, min_frequency, max_frequency, allowed, used]) => ({
        name, min_frequency, max_frequency, used_s: round(allowed * used, 3), left_s: round(allowed * (1 - used), 3), used: round(used, 4),
      }),
    ),
    channels: [868_100_000, 868_300_000, 868_500_000].map((frequency, i) => ({
      frequency,
      frames: 1300 + i,
      airtime_s: 100.25 + i,
      load: round((100.25 + i) / (1560 * 60), 6),
    })),
  };
}

// Meters of the stand-in region: what a window of one says beside its sum, and the report of a month.
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

// Hours of each quality, in a pattern that a reader sees at a glance; what is younger than two days is provisional.
export function counterFields(start, end, now) {
  const hour = Math.floor(start / hourMs);
  const missing = hour % 83 < 3;
  const estimated = hour % 71 < 6 && !missing;
  // What is spread over hours stands still in none of them.
  const amount = hour % 24 < 5 && !estimated ? 0 : 0.012 + 0.01 * Math.sin(hour / 3) ** 2;
  const interpolated = hour % 41 < 9 && !missing && !estimated;
  const final = now - end > 2 * dayMs;
  const quality = missing ? 'M' : estimated ? 'E' : interpolated ? 'I' : 'W';
  return {
    sum: missing ? 0 : amount,
    estimated: estimated ? amount : 0,
    interpolated: interpolated ? amount : 0,
    reverse: 0,
    resets: 0,
    exchanges: 0,
    quarantined: 0,
    coverage: missing || estimated ? 0 : 1,
    final,
    quality: final ? quality : 'P',
  };
}

const obis = { water_volume: '8-0:1.0.0', heat_energy: '6-0:1.0.0', energy: '1-0:1.8.0' };

function date(at) {
  return new Date(at + hourMs).toISOString().slice(0, 10); // winter time
}

// Days of winter time. Each third one leaks, and each seventh has a burst.
export function meterReport(device, query, now) {
  const month = `${query.get('year')}-${String(query.get('month')).padStart(2, '0')}`;
  const registers = device.kind.series
    .filter(([, , kind]) => kind === 'counter')
    .map(([measure, unit]) => {
      const days = [];
      for (let at = Math.floor(now / dayMs) * dayMs - 30 * dayMs - hourMs; at < now; at += dayMs) {
        if (!date(at).startsWith(month)) continue;
        const number = Math.floor(at / dayMs);
        const open = now - at - dayMs < 2 * dayMs;
        days.push({
          date: date(at),
          start: new Date(at).toISOString(),
          end: new Date(at + dayMs).toISOString(),
          amount: 0.31 + (number % 5) / 20,
          estimated: !open && number % 4 === 0 ? 0.12 : 0,
          quality: open ? 'P' : number % 4 === 0 ? 'E' : 'W',
          substitute: open || number % 4 !== 0 ? null : number % 8 === 0 ? 'even' : 'comparable_days',
          leak: open ? 'unknown' : number % 3 === 0 ? 'yes' : 'no',
          burst: number % 7 === 0 ? 'yes' : 'unknown',
          dry: 'no',
          reverse: 'no',
          unusual_flow: query.get('usual_weeks') ? 'no' : 'unknown',
        });
      }
      const amount = days.reduce((all, day) => all + day.amount, 0);
      const reading = (day, value) => (day ? { time: day.start, value } : null);
      return {
        measure, obis: obis[measure] ?? null, unit, first: reading(days[0], 120.5), last: reading(days.at(-1), 120.5 + amount),
        amount, estimated: days.reduce((all, day) => all + day.estimated, 0), reverse: 0, resets: 0, exchanges: 1, quarantined: 0,
        quality: 'M', slow_leak: query.get('leak_limit') ? 'yes' : 'unknown', days_missing: 2, days,
      };
    });
  const heat = registers.some(({ measure }) => measure === 'heat_energy')
    ? { temperature_difference: 31.4, return_temperature: null, specific_volume: 27.4, per_degree_day: null, full_load_hours: null }
    : null;
  return { dev_eui: device.dev_eui, device: device.name, tenant: device.tenant, month, registers, tamper: 'no', heat };
}

// The hours of the same month.
export function meterProfile(device, query, now) {
  const begin = (month) => Date.UTC(Number(query.get('year')), month, 1) - hourMs; // winter time
  const [from, to] = [begin(Number(query.get('month')) - 1), begin(Number(query.get('month')))];
  const registers = device.kind.series
    .filter(([, , kind]) => kind === 'counter')
    .map(([measure, unit]) => {
      const hours = [];
      for (let start = Math.max(from, now - 30 * dayMs - (now % hourMs)); start < Math.min(to, now); start += hourMs) {
        const { sum, estimated, interpolated, coverage, final, quality } = counterFields(start, start + hourMs, now);
        if (quality === 'M' && Math.floor(start / hourMs) % 2 === 0) continue;
        hours.push({
          start: new Date(start).toISOString(), end: new Date(start + hourMs).toISOString(), amount: sum, estimated, quality,
          substitute: estimated > 0 ? 'comparable_days' : null, mscons_status: { W: '220', I: '67', E: '67', P: 'Z18' }[quality] ?? null,
          interpolated, coverage, final,
        });
      }
      return { measure, obis: obis[measure] ?? null, unit, hours };
    });
  const month = `${query.get('year')}-${String(query.get('month')).padStart(2, '0')}`;
  return { dev_eui: device.dev_eui, device: device.name, tenant: device.tenant, month, registers };
}

// The worst one first; of the second one too little is known for a place.
export function substationsOf(devices, query) {
  const { tenant, site, dev_eui, name } = devices[0];
  const by = query.get('by') ?? 'specific_volume';
  const one = (more) => ({
    rank: null, tenant, site, dev_eui, device: name, return_temperature: by === 'return_temperature' ? 48.6 : null,
    temperature_difference: 31.4, specific_volume: 27.4, energy: 4_312.5, volume: 118.2, days: 24, left_out: null, ...more,
  });
  return {
    month: `${query.get('year')}-${String(query.get('month')).padStart(2, '0')}`, by, possible_days: 26,
    items: [
      one({ rank: 1 }),
      one({
        dev_eui: 'a81758fffe0fffff', device: `${name} (Anbau)`, return_temperature: null, temperature_difference: null, specific_volume: null,
        energy: 12.5, volume: 0, days: 3, left_out: 'too_few_days',
      }),
    ],
  };
}

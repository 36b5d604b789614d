import type { AggregateRow, Latest } from '../api/types';
import { instant } from './time';

// One place where bays are watched: a site, or the town's bays without one.
export interface ParkingSite {
  tenant: string;
  site: string | null;
  bays: number;
  // Now: free + occupied + unknown = bays.
  free: number;
  occupied: number;
  unknown: number;
  // Today, over the time that is known of the bays; null where nothing is known.
  occupancy: number | null;
  // Share of the day so far that is known of them.
  coverage: number | null;
  arrivals: number;
  // Arrivals for each bay of which anything is known.
  turnover: number | null;
  // Occupied time for each arrival, seconds; null without an arrival.
  stay: number | null;
}

// A bay that was silent for so long is unknown, neither occupied nor free.
export const silentMs = 24 * 3_600_000;

interface Sum {
  result: ParkingSite;
  occupiedS: number;
  knownS: number;
  known: Set<string>;
}

// The newest value of each bay and its hours of today, added up by site; sorted by town and site. Times in ms.
export function parkingSites(
  latest: readonly Latest[],
  hours: readonly AggregateRow[],
  midnight: number,
  now: number,
): ParkingSite[] {
  const sums = new Map<string, Sum>();
  for (const { tenant, site, value, time } of latest) {
    const key = `${tenant}\n${site ?? ''}`;
    const sum = sums.get(key) ?? { result: emptySite(tenant, site), occupiedS: 0, knownS: 0, known: new Set() };
    sums.set(key, sum);
    sum.result.bays += 1;
    if (now - instant(time) > silentMs) sum.result.unknown += 1;
    else if (value > 0) sum.result.occupied += 1;
    else sum.result.free += 1;
  }
  for (const hour of hours) {
    const sum = sums.get(`${hour.tenant}\n${hour.site ?? ''}`);
    if (!sum || hour.occupied_s === null || hour.known_s === null || hour.known_s <= 0) continue;
    sum.occupiedS += hour.occupied_s;
    sum.knownS += hour.known_s;
    sum.known.add(hour.dev_eui);
    sum.result.arrivals += hour.arrivals ?? 0;
  }
  for (const { result, occupiedS, knownS, known } of sums.values()) {
    // Bays of which nothing is known today count as time that is not known.
    const expected = (Math.max(0, now - midnight) / 1000) * result.bays;
    result.coverage = expected > 0 ? Math.min(1, knownS / expected) : null;
    if (knownS <= 0) continue;
    result.occupancy = occupiedS / knownS;
    result.turnover = result.arrivals / known.size;
    result.stay = result.arrivals > 0 ? occupiedS / result.arrivals : null;
  }
  return [...sums.values()]
    .map(({ result }) => result)
    .sort((a, b) => a.tenant.localeCompare(b.tenant, 'de') || (a.site ?? '').localeCompare(b.site ?? '', 'de'));
}

function emptySite(tenant: string, site: string | null): ParkingSite {
  return {
    tenant,
    site,
    bays: 0,
    free: 0,
    occupied: 0,
    unknown: 0,
    occupancy: null,
    coverage: null,
    arrivals: 0,
    turnover: null,
    stay: null,
  };
}

import { getAll, getJson } from './client';

// What the server makes of containers, counters, charge points, street light and buildings.
interface Who {
  tenant: string;
  site: string | null;
  dev_eui: string;
  device: string;
}

export interface Container extends Who {
  fill: number;
  time: string;
  slope: number | null;
  due: string | null;
  full_hours: number;
  emptyings: { time: string; fill: number }[];
}

export interface Waste {
  unit: string;
  slope_unit: string;
  items: Container[];
}

export interface DailyTraffic {
  value: number;
  days: number;
  possible_days: number;
  valid: boolean | null;
}

export interface Counted {
  measure: string;
  total: number;
  dtv: DailyTraffic | null;
  dtvw: DailyTraffic | null;
  peak_hour: { start: string; count: number } | null;
}

export interface Presence {
  measure: string;
  date: string;
  highest: number;
  highest_time: string;
  left: number;
  quarters: number;
  possible_quarters: number;
}

export interface CountingPoint extends Who {
  counts: Counted[];
  presence: Presence[];
  heavy_share: number | null;
  v85: number | null;
  v85_unit: string | null;
}

// What is usual at an hour of the week by the local clock; 1 is Monday.
export interface WeekHour {
  weekday: number;
  hour: number;
  weeks: number;
  median: number | null;
  p95: number | null;
  highest: number;
}

export interface WeekProfile extends Who {
  measure: string;
  unit: string;
  least_weeks: { median: number; p95: number };
  hours: WeekHour[];
}

export interface Charging {
  energy: number;
  sessions: number;
  occupancy: number | null;
  idle_share: number | null;
  availability: number | null;
}

export interface ChargePoint extends Who, Charging {
  unit: string;
  days: (Charging & { date: string })[];
}

export interface LitNight {
  date: string;
  night_hours: number;
  known_hours: number;
  burn_hours: number;
  day_burn_hours: number;
  energy: number;
  energy_per_lamp: number;
  failed: boolean;
  valid: boolean;
}

export interface StreetLight extends Who {
  unit: string;
  lamps: number;
  located: boolean;
  nights: LitNight[];
}

export interface HeatUse {
  energy: number;
  degree_days: number;
  co2: number | null;
  energy_per_degree_day: number | null;
  days: number;
  possible_days: number;
  valid: boolean | null;
}

export interface Building extends Who {
  measure: string;
  carrier: string;
  now: HeatUse;
  before: HeatUse | null;
  saving: number | null;
}

export interface Place {
  tenant: string;
  site: string; // empty: all, of containers and batteries
}

const pageOf = 20; // at most, of devices with days
const mostDevices = 100;
const patience = 30_000;

// How many the server looks at in one answer: of more a site has to be chosen.
export const mostContainers = 200;

export function wasteOf(place: Place, signal: AbortSignal): Promise<Waste> {
  return getJson<Waste>('waste', { ...place }, { signal, timeoutMs: patience });
}

export async function trafficOf(query: Place & { from: string }, signal: AbortSignal): Promise<CountingPoint[]> {
  return (await getJson<{ items: CountingPoint[] }>('traffic', { ...query }, { signal, timeoutMs: patience })).items;
}

export async function weekProfileOf(
  query: { tenant: string; device: string; measure: string },
  signal: AbortSignal,
): Promise<WeekProfile | null> {
  return (await getJson<{ items: WeekProfile[] }>('week-profile', query, { signal, timeoutMs: patience })).items[0] ?? null;
}

export async function chargePointsOf(query: Place & { from: string }, signal: AbortSignal): Promise<ChargePoint[]> {
  return (await getAll<ChargePoint>('charge-points', { ...query, limit: pageOf }, mostDevices, { signal, timeoutMs: patience }))
    .items;
}

export async function streetLightOf(query: Place & { from: string }, signal: AbortSignal): Promise<StreetLight[]> {
  return (await getAll<StreetLight>('street-light', { ...query, limit: pageOf }, mostDevices, { signal, timeoutMs: patience }))
    .items;
}

export interface BuildingQuery {
  tenant: string;
  device: string;
  weather: string;
  measure: string;
  carrier: string;
  from: string;
  to: string;
  before_from: string;
  before_to: string;
}

export function buildingOf(query: BuildingQuery, signal: AbortSignal): Promise<Building> {
  return getJson<Building>('building', { ...query }, { signal, timeoutMs: patience });
}

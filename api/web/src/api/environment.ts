import { getAll, getJson, type Collected } from './client';
import type { AggregateRow, Page, Series } from './types';

// What the server makes of results: climate days of a year, rain, air, heat islands, places.

export interface DaySum {
  name: string;
  value: number;
  unit: string;
  valid: boolean | null;
}

export interface DaySums {
  expected_days: number;
  days: number;
  valid_days: number;
  indicators: DaySum[];
}

export interface ClimateYear extends DaySums {
  year: number;
  growth_start: string | null;
  growth_start_valid: boolean | null;
  tropical_nights: { date: string; valid: boolean | null }[];
  months: (DaySums & { month: string })[];
}

export interface RainSum {
  hours: number;
  sum: number;
  present_hours: number;
  level: 'none' | 'marked' | 'severe' | 'extreme';
  valid: boolean | null;
}

export interface RainHour {
  end: string;
  sums: RainSum[];
}

export interface Rain {
  unit: string;
  hours: RainHour[];
}

export type AirLevel = 'very_good' | 'good' | 'moderate' | 'poor' | 'very_poor';

export interface Pollutant {
  measure: string;
  unit: string;
  mean: number;
  valid: boolean | null;
  level: AirLevel;
  mean_8h: number | null;
  mean_24h: number | null;
}

export interface AirHour {
  start: string;
  end: string;
  pollutants: Pollutant[];
  index: { level: AirLevel; place: number; pollutant: string; incomplete: boolean } | null;
}

export interface AirQuality {
  indicative: boolean;
  items: AirHour[];
  aot40: { value: number; unit: string; hours: number; possible_hours: number; valid: boolean } | null;
}

// One limit of a year; of hours and days `allowed` may exceed it.
export interface AirLimit {
  measure: string;
  unit: string;
  mean_of: 'hour' | 'three_hours' | 'day' | 'highest_8h' | 'year';
  limit: number;
  allowed: number | null;
  mean: number | null;
  exceeded: number;
  kept: boolean;
  counted: number;
  possible: number;
  capture: number | null;
  valid: boolean | null;
  humid_share: number | null;
  // Of ozone's target: this year and the two before.
  over_years?: { years: number; days: number; mean: number; kept: boolean; valid: boolean | null } | null;
}

export interface AirLimits {
  year: number;
  indicative: boolean;
  items: AirLimit[];
}

export interface HeatDay {
  date: string;
  hot_hours: number;
  hours: number;
  strong_heat_hours: number;
  extreme_heat_hours: number;
  heat_index_hours: number;
  possible_hours: number;
  valid: boolean | null;
}

export interface HeatHours {
  days: HeatDay[];
}

export interface HeatNight {
  date: string;
  start: string;
  end: string;
  difference: number;
  unit: string;
  hours: number;
  possible_hours: number;
  valid: boolean;
}

export interface HeatIsland {
  references: { site: string; height_difference: number | null }[];
  items: HeatNight[];
}

export interface NoiseLevel {
  level: number;
  hours: number;
  possible_hours: number;
  valid: boolean | null;
}

export interface NoiseDay {
  date: string;
  day: NoiseLevel | null;
  evening: NoiseLevel | null;
  night: NoiseLevel | null;
  lden: number | null;
  valid: boolean | null;
}

export interface Noise {
  hours: 'de' | 'eu';
  indicative: boolean;
  days: NoiseDay[];
}

export type UvLevel = 'low' | 'moderate' | 'high' | 'very_high' | 'extreme';

export interface SunDay {
  date: string;
  highest: number;
  highest_time: string;
  level: UvLevel;
  protection_hours: number;
  quarters: number;
  possible_quarters: number;
  valid: boolean | null;
}

export interface Sun {
  // Those with a result.
  days: SunDay[];
}

export interface WaterLevel {
  dev_eui: string;
  level: number | null;
  time: string | null;
  rise_per_hour: number | null;
  rise_per_hour_15min: number | null;
  thresholds: { parameter: string; value: number; reached: boolean; at: string | null }[];
}

const mostSeries = 1_000;
const mostLevels = 500;

// Who measures something in a town.
export function seriesOf(tenant: string, measure: string, signal: AbortSignal): Promise<Collected<Series>> {
  return getAll<Series>('series', { tenant, measure, limit: mostSeries }, mostSeries, { signal });
}

export async function climateYear(
  tenant: string,
  device: string,
  year: number,
  signal: AbortSignal,
): Promise<ClimateYear | null> {
  const { items } = await getJson<Page<ClimateYear>>('climate-days', { tenant, device, year }, { signal });
  return items[0] ?? null;
}

export async function rainOf(tenant: string, device: string, from: string, signal: AbortSignal): Promise<Rain | null> {
  const { items } = await getJson<Page<Rain>>('rain', { tenant, device, from }, { signal });
  return items[0] ?? null;
}

export function airOf(tenant: string, site: string, from: string, signal: AbortSignal): Promise<AirQuality> {
  return getJson<AirQuality>('air-quality', { tenant, site, from }, { signal });
}

export function airLimitsOf(query: { tenant: string; site: string; year: number }, signal: AbortSignal): Promise<AirLimits> {
  return getJson<AirLimits>('air-limits', query, { signal, timeoutMs: 30_000 });
}

export function heatIslandOf(
  query: { tenant: string; site: string; reference: string; from: string },
  signal: AbortSignal,
): Promise<HeatIsland> {
  return getJson<HeatIsland>('heat-island', query, { signal });
}

// One device's days, from then on.
interface DaysQuery {
  tenant: string;
  device: string;
  from: string;
}

export async function noiseOf(query: DaysQuery & { hours: string }, signal: AbortSignal): Promise<Noise | null> {
  const { items } = await getJson<Page<Noise>>('noise', { ...query }, { signal });
  return items[0] ?? null;
}

export async function heatHoursOf(query: DaysQuery, signal: AbortSignal): Promise<HeatHours | null> {
  const { items } = await getJson<Page<HeatHours>>('heat-hours', { ...query }, { signal, timeoutMs: 30_000 });
  return items[0] ?? null;
}

export async function sunOf(query: DaysQuery, signal: AbortSignal): Promise<Sun | null> {
  const { items } = await getJson<Page<Sun>>('uv', { ...query }, { signal });
  return items[0] ?? null;
}

export type LevelMeasure = 'water_level' | 'groundwater_level';

export async function waterLevelsOf(tenant: string, measure: LevelMeasure, signal: AbortSignal): Promise<WaterLevel[]> {
  return (await getAll<WaterLevel>('water-levels', { tenant, measure, limit: 100 }, mostLevels, { signal })).items;
}

export interface RollupQuery {
  tenant: string;
  site: string;
  measure: string;
  res: string;
  from: string;
  to: string;
}

// Results of a town, or of one of its sites.
export function rollupOf(query: RollupQuery, most: number, signal: AbortSignal): Promise<Collected<AggregateRow>> {
  const group = query.site ? 'site' : 'tenant';
  return getAll<AggregateRow>('agg', { ...query, group, limit: 2000 }, most, { signal });
}

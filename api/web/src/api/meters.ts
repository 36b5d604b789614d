import { getJson } from './client';

// A month of one meter (/v1/meter/report).
// not_judged: what the connection is for has no such rule.
export type Finding = 'yes' | 'no' | 'unknown' | 'not_judged';
export type Quality = 'W' | 'I' | 'E' | 'M' | 'P';
// How what is estimated got its place in time.
export type Substitute = 'comparable_days' | 'standard_profile' | 'even' | null;

// What a register counted in [start, end).
export interface MeterAmount {
  start: string;
  end: string;
  amount: number;
  estimated: number;
  quality: Quality;
  substitute: Substitute;
}

export interface MeterDay extends MeterAmount {
  date: string;
  leak: Finding;
  burst: Finding;
  dry: Finding;
  reverse: Finding;
  unusual_flow: Finding;
}

export interface MeterReading {
  time: string;
  value: number;
}

export interface MeterRegister {
  measure: string;
  obis: string | null;
  unit: string;
  first: MeterReading | null;
  last: MeterReading | null;
  amount: number;
  estimated: number;
  reverse: number;
  resets: number;
  exchanges: number;
  quarantined: number;
  quality: Quality;
  slow_leak: Finding;
  days_missing: number;
  days: MeterDay[];
}

export type SubstationOrder = 'specific_volume' | 'temperature_difference' | 'return_temperature';

// A district heating substation in a month (/v1/meter/substations).
export interface Substation {
  rank: number | null;
  tenant: string;
  site: string | null;
  dev_eui: string;
  device: string;
  return_temperature: number | null;
  temperature_difference: number | null;
  specific_volume: number | null;
  energy: number;
  volume: number;
  days: number;
  left_out: 'no_volume' | 'too_few_days' | 'nothing_ran' | 'no_return_temperature' | null;
}

export interface Substations {
  month: string;
  possible_days: number;
  items: Substation[];
}

export interface MeterReport {
  dev_eui: string;
  device: string;
  tenant: string;
  month: string;
  registers: MeterRegister[];
  tamper: Finding;
  heat: {
    temperature_difference: number | null;
    return_temperature: number | null;
    specific_volume: number | null;
    per_degree_day: number | null;
  } | null;
}

export interface ReportQuery {
  device: string;
  year: number;
  month: number; // 1 to 12
  burst_limit?: string; // in the register's unit per hour
  leak_limit?: string; // the same
  usual_weeks?: number; // before the month, that say what is usual
}

export interface MeterHour extends MeterAmount {
  mscons_status: string | null;
  interpolated: number;
  coverage: number;
  final: boolean;
}

// A month's load profile (/v1/meter/profile).
export interface MeterProfile {
  registers: { measure: string; hours: MeterHour[] }[];
}

export function meterProfile(query: { device: string; year: number; month: number }, signal: AbortSignal): Promise<MeterProfile> {
  return getJson<MeterProfile>('meter/profile', query, { signal });
}

export function hoursOf(profile: MeterProfile, measure: string): MeterHour[] {
  return profile.registers.find((register) => register.measure === measure)?.hours ?? [];
}

export function meterReport(query: ReportQuery, signal: AbortSignal): Promise<MeterReport> {
  return getJson<MeterReport>('meter/report', { ...query }, { signal });
}

// What runs into a zone less what its meters count (/v1/meter/balance).
export interface BalanceSide {
  amount: number;
  meters: number;
  coverage: number;
  not_reporting: string[];
}

export interface BalanceItem {
  start: string;
  end: string;
  unit: string;
  inflow: BalanceSide;
  consumption: BalanceSide;
  difference: number | null;
  loss: 'low' | 'medium' | 'high' | null;
  night_flow?: number | null;
  net_night_flow?: number | null; // with night_use
  night_clock_change?: boolean;
  final: boolean;
}

export interface BalanceQuery {
  tenant: string;
  zone: string;
  inflow: string;
  network_m: string;
  structure: string;
  night_use: string; // of one connection, in the unit per hour
  from: string;
}

export async function meterBalance(query: BalanceQuery, signal: AbortSignal): Promise<BalanceItem[]> {
  const { items } = await getJson<{ items: BalanceItem[] }>('meter/balance', { ...query }, { signal, timeoutMs: 60_000 });
  return items;
}

export function substationsOf(
  query: { tenant: string; year: number; month: number; by: SubstationOrder },
  signal: AbortSignal,
): Promise<Substations> {
  return getJson<Substations>('meter/substations', query, { signal, timeoutMs: 30_000 });
}

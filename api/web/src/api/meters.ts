import { getJson } from './client';

// A month of one meter (/v1/meter/report).
export type Finding = 'yes' | 'no' | 'unknown';

export interface MeterDay {
  date: string;
  start: string;
  end: string;
  amount: number;
  estimated: number;
  quality: 'W' | 'I' | 'E' | 'M' | 'P';
  leak: Finding;
  burst: Finding;
  dry: Finding;
  reverse: Finding;
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
  quality: MeterDay['quality'];
  days_missing: number;
  days: MeterDay[];
}

export interface MeterReport {
  dev_eui: string;
  device: string;
  tenant: string;
  month: string;
  registers: MeterRegister[];
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
  night_clock_change?: boolean;
  final: boolean;
}

export interface BalanceQuery {
  tenant: string;
  zone: string;
  inflow: string;
  network_m: string;
  structure: string;
  from: string;
}

export async function meterBalance(query: BalanceQuery, signal: AbortSignal): Promise<BalanceItem[]> {
  const { items } = await getJson<{ items: BalanceItem[] }>('meter/balance', { ...query }, { signal, timeoutMs: 60_000 });
  return items;
}

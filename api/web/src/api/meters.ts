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

export interface MeterRegister {
  measure: string;
  obis: string | null;
  unit: string;
  amount: number;
  days: MeterDay[];
}

export interface MeterReport {
  month: string;
  registers: MeterRegister[];
}

export function meterReport(device: string, year: number, month: number, signal: AbortSignal): Promise<MeterReport> {
  return getJson<MeterReport>('meter/report', { device, year, month }, { signal });
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

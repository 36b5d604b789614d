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

import { getJson } from './client';
import type { Alert, Page } from './types';

// A value at which a series becomes an alert (/v1/thresholds).
export interface Threshold {
  rule: string;
  threshold: number;
  statistic: string | null;
  window: string | null; // null: of samples
  severity: Alert['severity'];
  comparison: 'above' | 'below';
  text: Record<string, string>;
}

export interface Judged {
  thresholds: Threshold[];
  alerts: Alert[];
}

const mostAlerts = 100;

// What is judged of one series, and what has become of it.
export async function judgedOf(tenant: string, devEui: string, measure: string, signal: AbortSignal): Promise<Judged> {
  const [alerts, thresholds] = await Promise.all([
    getJson<Page<Alert>>('alerts', { tenant, device: devEui, limit: mostAlerts }, { signal }),
    getJson<{ items: Threshold[] }>('thresholds', { tenant, device: devEui, measure }, { signal }),
  ]);
  return {
    alerts: alerts.items.filter((alert) => alert.measure === measure),
    thresholds: [...thresholds.items].sort((a, b) => a.threshold - b.threshold),
  };
}

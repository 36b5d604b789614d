import { token } from '../session';
import { getJson } from './client';
import type { Alert, Page } from './types';

// The values at which a series becomes an alert: of alerts that there have been, and for the operator, who may read
// use cases, of all rules.
export interface Threshold {
  rule: string;
  value: number;
  statistic: string | null;
  window: string | null; // null: of samples
  severity: Alert['severity'];
  comparison: 'above' | 'below';
  text: Record<string, string>;
}

interface Rule {
  name: string;
  measure: string;
  statistic?: string;
  window?: string;
  comparison: 'above' | 'below';
  threshold?: string | number;
  parameter?: string;
  severity: Alert['severity'];
  text?: Record<string, string>;
}

interface Documents {
  use_case?: string;
  profile?: string;
  parameters?: Record<string, string | number>;
  alerts?: Rule[];
}

function object(kind: string, name: string, signal: AbortSignal): Promise<Documents> {
  return getJson<Documents>(`objects/${kind}/${encodeURIComponent(name)}`, {}, { signal });
}

async function declared(devEui: string, measure: string, signal: AbortSignal): Promise<Threshold[]> {
  const device = await object('device', devEui, signal);
  const name = device.use_case ?? (device.profile ? (await object('profile', device.profile, signal)).use_case : undefined);
  if (!name) return [];
  const { alerts = [] } = await object('use_case', name, signal);
  return alerts.flatMap((rule) => {
    if (rule.measure !== measure || (rule.statistic ?? '') === 'rate') return [];
    const own = rule.parameter ? device.parameters?.[rule.parameter] : undefined;
    const value = Number(own ?? rule.threshold ?? NaN);
    const { severity, comparison, text = {} } = rule;
    return Number.isFinite(value)
      ? [{ rule: rule.name, value, statistic: rule.statistic ?? null, window: rule.window ?? null, severity, comparison, text }]
      : [];
  });
}

export interface Judged {
  thresholds: Threshold[];
  alerts: Alert[];
}

const mostAlerts = 100;

// What is judged of one series, and what has become of it.
export async function judgedOf(tenant: string, devEui: string, measure: string, signal: AbortSignal): Promise<Judged> {
  const { items } = await getJson<Page<Alert>>('alerts', { tenant, device: devEui, limit: mostAlerts }, { signal });
  const alerts = items.filter((alert) => alert.measure === measure);
  // Who may not read use cases sees what alerts themselves say.
  const rules = token.get() ? await declared(devEui, measure, signal).catch(() => []) : [];
  const told = alerts.flatMap(({ rule, threshold, statistic, window, severity, comparison, text }): Threshold[] =>
    threshold === null || statistic === 'rate' || comparison === null || rules.some((known) => known.rule === rule)
      ? []
      : [{ rule, value: threshold, statistic, window, severity, comparison, text }],
  );
  return { alerts, thresholds: [...rules, ...told].sort((a, b) => a.value - b.value) };
}

import { createStore } from '../store';
import { token } from '../session';
import { getJson, postJson } from './client';
import { connection } from './connection';
import { onAlert } from './frames';
import type { Acknowledged, Alert, Page } from './types';

// What is open now, worst first; for the badge on every view. Renewed slowly, and at once when the stream tells a change.
export interface OpenAlerts {
  items: Alert[];
  more: boolean;
}

export const shownAtOnce = 200;
const everyMs = 15_000;
const restMs = 400;

const none: OpenAlerts = { items: [], more: false };
export const openAlerts = createStore<OpenAlerts>(none);

let timer: ReturnType<typeof setTimeout> | undefined;

async function renew(): Promise<void> {
  clearTimeout(timer);
  const bearer = token.get();
  const { phase } = connection.get();
  if (phase === 'live' || phase === 'polling') {
    try {
      const { items, next } = await getJson<Page<Alert>>('alerts', { state: 'open', limit: shownAtOnce });
      if (bearer === token.get()) openAlerts.set({ items: [...items].sort(byUrgency), more: next !== null });
    } catch {
      // The connection says so; what was known stays until it is back.
    }
  }
  clearTimeout(timer);
  timer = setTimeout(() => void renew(), everyMs);
}

function soon(): void {
  clearTimeout(timer);
  timer = setTimeout(() => void renew(), restMs);
}

export function startAlerts(): void {
  token.subscribe(() => {
    openAlerts.set(none);
    soon();
  });
  connection.subscribe(soon);
  onAlert(soon);
  soon();
}

const severities = ['alarm', 'warning', 'info'];
const states = ['firing', 'acknowledged', 'pending'];

function rank(order: readonly string[], value: string): number {
  const at = order.indexOf(value);
  return at < 0 ? order.length : at;
}

// What nobody takes care of yet before the rest, then the worst, then the newest.
export function byUrgency(a: Alert, b: Alert): number {
  return (
    rank(states, a.state) - rank(states, b.state) ||
    rank(severities, a.severity) - rank(severities, b.severity) ||
    (b.since ?? '').localeCompare(a.since ?? '')
  );
}

// Of the episode that is shown: if it ended meanwhile, the server says so.
export function acknowledge(alert: Alert, note: string): Promise<Acknowledged> {
  const path = `alerts/${encodeURIComponent(alert.dev_eui)}/${encodeURIComponent(alert.rule)}/acknowledgement`;
  return postJson<Acknowledged>(path, { firing_since: alert.firing_since, ...(note ? { note } : {}) });
}

import type { Alert } from '../api/types';
import { language, text, type Key } from '../i18n';
import { measureName, valueText } from './measures';
import { durationText } from './time';

// What an alert says, in the words of its use case, or else made from its rule.
export function alertTitle(alert: Alert): string {
  if (alert.silent_after_s !== null) return text('alerts.silent', { after: durationText(alert.silent_after_s) });
  const other = language.get() === 'de' ? alert.text['en'] : alert.text['de'];
  return alert.text[language.get()] ?? other ?? `${measureName(alert.measure)} ${thresholdText(alert)}`;
}

// "≥ 1,60 m"
export function thresholdText(alert: Alert): string {
  if (alert.threshold === null) return '';
  return `${alert.comparison === 'below' ? '≤' : '≥'} ${alertValue(alert, alert.threshold)}`;
}

// A rate is named per hour: its unit ends so.
export function alertValue(alert: Alert, value: number): string {
  const perHour = alert.statistic === 'rate' && alert.unit.endsWith('/h');
  if (!perHour) return valueText(alert.measure, value, alert.unit);
  return `${valueText(alert.measure, value, alert.unit.slice(0, -2))}/h`;
}

// What it measures now, if that is known; else what was measured when it changed.
export function presentValue(alert: Alert): { value: string; time: string | null } | null {
  if (alert.now) return { value: valueText(alert.measure, alert.now.value, alert.now.unit), time: alert.now.time };
  if (alert.last) return { value: alertValue(alert, alert.last.value), time: alert.last.time };
  return null;
}

const known: Record<string, Key> = {
  mean: 'plot.mean',
  min: 'plot.min',
  max: 'plot.max',
  sum: 'plot.sum',
  count: 'alerts.count',
  rate: 'alerts.rate',
};

// "Wasserstand, Änderung"
export function alertMeasure(alert: Alert): string {
  const statistic = alert.statistic === null ? undefined : known[alert.statistic];
  return statistic ? `${measureName(alert.measure)}, ${text(statistic)}` : measureName(alert.measure);
}

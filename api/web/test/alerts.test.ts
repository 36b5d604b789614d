import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byUrgency } from '../src/api/alerts';
import type { Alert } from '../src/api/types';
import { alertMeasure, alertTitle, alertValue, presentValue, thresholdText } from '../src/format/alerts';
import { setLanguage } from '../src/i18n';

function alert(over: Partial<Alert> = {}): Alert {
  return {
    tenant: 'menden', site: null, dev_eui: '70b3d5499a3d1c02', device: 'Hönne', use_case: 'flood-level',
    use_case_version: 1, rule: 'level-2', state: 'firing', reason: 'value', revision: 2, severity: 'warning', text: {},
    measure: 'water_level', unit: 'm', window: null, statistic: null, comparison: 'above', threshold: 1.6,
    hysteresis: 0.05, first: { value: 1.61, time: '2026-11-24T00:00:00Z' }, last: { value: 1.65, time: '2026-11-24T00:05:00Z' },
    extreme: { value: 1.65, time: '2026-11-24T00:05:00Z' }, observations: 2, last_sample: '2026-11-24T00:05:00Z',
    silent_after_s: null, rate: null, forecast: null, firing_since: '2026-11-24T00:05:00Z', since: '2026-11-24T00:05:00Z',
    changed: '2026-11-24T00:05:01Z', actor: null, note: null, ...over,
  };
}

test('an alert speaks in the words of its use case, else by its rule', () => {
  setLanguage('de');
  assert.equal(alertTitle(alert({ text: { de: 'Einzelne Keller betroffen', en: 'Some cellars' } })), 'Einzelne Keller betroffen');
  assert.equal(alertTitle(alert({ text: { en: 'Some cellars' } })), 'Some cellars');
  assert.equal(alertTitle(alert()), 'Wasserstand ≥ 1,60\u202fm');
  setLanguage('en');
  assert.equal(alertTitle(alert({ silent_after_s: 1800 })), 'Sensor silent for more than 30 min');
  assert.equal(thresholdText(alert({ comparison: 'below' })), '≤ 1.60\u202fm');
});

test('a rate is told per hour', () => {
  const rate = alert({ statistic: 'rate', unit: 'm/h', threshold: 0.3 });
  assert.equal(alertValue(rate, 0.3), '0.30\u202fm/h');
  assert.equal(alertMeasure(rate), 'Water level, change');
});

test('the present value goes before that of the last change; of a silent one there is none', () => {
  assert.equal(presentValue(alert())?.value, '1.65\u202fm');
  assert.equal(presentValue(alert({ now: { value: 1.7, unit: 'm', time: '2026-11-24T00:10:00Z' } }))?.value, '1.70\u202fm');
  assert.equal(presentValue(alert({ last: null })), null);
});

test('what nobody takes care of comes first, then the worst, then the newest', () => {
  const all = [
    alert({ rule: 'd', state: 'acknowledged', severity: 'alarm' }),
    alert({ rule: 'c', severity: 'info' }),
    alert({ rule: 'b', severity: 'alarm', since: '2026-11-24T00:01:00Z' }),
    alert({ rule: 'a', severity: 'alarm', since: '2026-11-24T00:02:00Z' }),
  ];
  assert.equal(all.sort(byUrgency).map(({ rule }) => rule).join(''), 'abcd');
});

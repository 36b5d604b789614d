import { useState } from 'preact/hooks';
import { acknowledge } from '../api/alerts';
import { ApiError, getJson } from '../api/client';
import { useResource } from '../api/resource';
import type { Alert, AlertWithChanges } from '../api/types';
import { alertMeasure, alertTitle, alertValue, presentValue, thresholdText } from '../format/alerts';
import { ago, dateTime, durationText } from '../format/time';
import { useText, type Key } from '../i18n';
import { href } from '../router';
import { token } from '../session';
import { useStore } from '../store';
import { useNow } from './now';
import { useTenantTitle } from './pickers';
import { Loaded } from './states';

// Alerts as rows; each opens to its history. `ofOneDevice` leaves out whose they are.
export function AlertList(props: {
  alerts: readonly Alert[];
  changed: () => void;
  ofOneDevice?: boolean;
}): preact.JSX.Element {
  return (
    <ul class="alerts" data-test="alerts">
      {props.alerts.map((alert) => (
        <Row
          key={`${alert.tenant}/${alert.dev_eui}/${alert.rule}`}
          alert={alert}
          changed={props.changed}
          ofOneDevice={props.ofOneDevice ?? false}
        />
      ))}
    </ul>
  );
}

function Row(props: { alert: Alert; changed: () => void; ofOneDevice: boolean }): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const now = useNow();
  const [open, setOpen] = useState(false);
  const { alert } = props;
  const over = alert.state === 'resolved' || alert.state === 'ok';
  return (
    <li class={`alert ${over ? 'over' : alert.severity}`} data-test="alert" data-state={alert.state}>
      <div class="alert-head">
        <span class={`badge severity-${over ? 'over' : alert.severity}`}>
          {t(over ? `alert.state.${alert.state}` : `alert.severity.${alert.severity}`)}
        </span>
        <strong>{alertTitle(alert)}</strong>
        <span class="quiet alert-since" title={alert.since ? dateTime(alert.since) : ''}>
          {ago(over ? alert.since : (alert.firing_since ?? alert.since), now)}
        </span>
      </div>
      {!props.ofOneDevice && (
        <p class="alert-where">
          <a href={href(['devices', alert.dev_eui])}>{alert.device || alert.dev_eui}</a>
          <span class="quiet">{[alert.site, title(alert.tenant ?? undefined)].filter(Boolean).join(', ')}</span>
        </p>
      )}
      <Values alert={alert} now={now} />
      {alert.state === 'acknowledged' && (
        <p class="alert-care">
          {t('alerts.care', { actor: alert.actor ?? '–' })}
          {alert.note && <q>{alert.note}</q>}
        </p>
      )}
      <div class="alert-acts">
        {alert.state === 'firing' && <Acknowledge alert={alert} changed={props.changed} />}
        <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('alerts.history')}
        </button>
      </div>
      {open && <History alert={alert} />}
    </li>
  );
}

function Values({ alert, now }: { alert: Alert; now: number }): preact.JSX.Element | null {
  const t = useText();
  if (alert.silent_after_s !== null)
    return <p>{t('alerts.lastsample', { ago: ago(alert.last_sample, now), measure: alertMeasure(alert) })}</p>;
  const present = presentValue(alert);
  const rate = alert.rate?.per_hour_over_15min ?? alert.rate?.per_hour_over_60min ?? null;
  return (
    <p class="alert-values">
      <span class="quiet">{alertMeasure(alert)}</span>
      {present && (
        <span class="alert-value" title={present.time ? dateTime(present.time) : ''}>
          {present.value}
        </span>
      )}
      <span class="quiet">{t('alerts.threshold', { threshold: thresholdText(alert) })}</span>
      {alert.extreme && isFarther(alert) && (
        <span class="quiet">{t('alerts.extreme', { value: alertValue(alert, alert.extreme.value) })}</span>
      )}
      {alert.state === 'firing' && alert.statistic !== 'rate' && rate !== null && rate !== 0 && (
        <span class="quiet">
          {t(rate > 0 ? 'alerts.rises' : 'alerts.falls', {
            rate: `${alertValue(alert, Math.abs(rate))}/h`,
          })}
        </span>
      )}
      {alert.state === 'firing' && alert.forecast && (
        <span class="quiet">
          {t('alerts.forecast', {
            threshold: alertValue({ ...alert, statistic: null, unit: alert.unit.replace(/\/h$/, '') }, alert.forecast.threshold),
            after: durationText(Math.max(60, Math.round(alert.forecast.after_s / 60) * 60)),
          })}
        </span>
      )}
    </p>
  );
}

// The farthest value of the episode says something only while it is beyond the present one.
function isFarther({ state, extreme, now, comparison }: Alert): boolean {
  if (!extreme || state === 'pending') return false;
  if (!now) return true;
  return comparison === 'below' ? extreme.value < now.value : extreme.value > now.value;
}

function Acknowledge({ alert, changed }: { alert: Alert; changed: () => void }): preact.JSX.Element | null {
  const t = useText();
  const bearer = useStore(token);
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<Key | null>(null);
  const [sending, setSending] = useState(false);
  if (!bearer) return null;
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setSending(true);
    setProblem(null);
    try {
      await acknowledge(alert, note.trim());
      setAsking(false);
      changed();
    } catch (error) {
      const refused = error instanceof ApiError && error.unauthorised;
      const ended = error instanceof ApiError && error.code === 'not_firing';
      setProblem(refused ? 'alerts.ack.refused' : ended ? 'alerts.ack.over' : 'state.error');
    }
    setSending(false);
  };
  if (!asking)
    return (
      <button type="button" class="primary" data-test="acknowledge" onClick={() => setAsking(true)}>
        {t('alerts.ack')}
      </button>
    );
  return (
    <form class="alert-form" onSubmit={(event) => void send(event)}>
      <label class="field">
        <span class="visually-hidden">{t('alerts.ack.note')}</span>
        <input
          type="text"
          maxLength={400}
          placeholder={t('alerts.ack.note')}
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary" disabled={sending} data-test="acknowledge-send">
        {t('alerts.ack.send')}
      </button>
      <button type="button" onClick={() => setAsking(false)}>
        {t('alerts.ack.cancel')}
      </button>
      {problem && <p role="alert">{t(problem)}</p>}
    </form>
  );
}

function History({ alert }: { alert: Alert }): preact.JSX.Element {
  const t = useText();
  const path = `alerts/${encodeURIComponent(alert.dev_eui)}/${encodeURIComponent(alert.rule)}`;
  const found = useResource(`${path} ${alert.tenant} ${alert.revision}`, (signal) =>
    getJson<AlertWithChanges>(path, { tenant: alert.tenant }, { signal }),
  );
  return (
    <Loaded resource={found}>
      {({ changes }) => (
        <ol class="alert-history" data-test="history">
          {changes.map((change) => (
            <li key={`${change.changed ?? ''}/${change.revision}`}>
              <time>{dateTime(change.changed ?? '')}</time>
              <span class="strong">{t(`alert.state.${change.state}`)}</span>
              <span class="quiet">
                {[
                  change.reason === 'value' || change.reason === 'silence' ? '' : t(`alert.reason.${change.reason}`),
                  change.last && change.reason === 'value' ? alertValue(change, change.last.value) : '',
                  change.state === 'acknowledged' ? [change.actor, change.note].filter(Boolean).join(': ') : '',
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Loaded>
  );
}

import { useEffect } from 'preact/hooks';
import { openAlerts, byUrgency } from '../api/alerts';
import { getJson } from '../api/client';
import { useResource } from '../api/resource';
import type { Alert, Page } from '../api/types';
import { integer } from '../format/numbers';
import { useText } from '../i18n';
import { AlertList } from '../parts/alert_list';
import { Choices, TownSelect } from '../parts/pickers';
import { Empty, Loaded } from '../parts/states';
import { href, replaceRoute, useRoute } from '../router';
import { useStore } from '../store';

const most = 200;
const shown = ['open', 'pending', 'ended'] as const;

export function Alerts(): preact.JSX.Element {
  const t = useText();
  const { query } = useRoute();
  const tenant = query.get('tenant') ?? '';
  const state = shown.find((candidate) => candidate === query.get('state')) ?? 'open';
  // What is open anywhere has changed: this list may have, too.
  const { items: told } = useStore(openAlerts);
  const version = told.map(({ dev_eui, rule, revision }) => `${dev_eui}/${rule}/${revision}`).join(' ');
  const page = useResource(
    `alerts ${tenant} ${state}`,
    (signal) => getJson<Page<Alert>>('alerts', { tenant, state, limit: most }, { signal }),
    10_000,
  );
  useEffect(() => page.reload(), [version]);
  const go = (next: { tenant?: string; state?: string }): void =>
    replaceRoute(href(['alerts'], { tenant: next.tenant ?? tenant, state: next.state ?? state }));
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>{t('alerts.title')}</h1>
        <p class="quiet">{t('alerts.intro')}</p>
      </div>
      <div class="controls">
        <TownSelect value={tenant} change={(next) => go({ tenant: next })} />
        <Choices
          label={t('alerts.show')}
          value={state}
          choices={shown.map((value) => ({ value, label: t(`alerts.show.${value}`) }))}
          change={(next) => go({ state: next })}
        />
      </div>
      <Loaded resource={page}>
        {({ items, next }) =>
          items.length === 0 ? (
            <div class="card">
              <Empty>{t(`alerts.none.${state}`)}</Empty>
            </div>
          ) : (
            <>
              <AlertList alerts={state === 'open' ? [...items].sort(byUrgency) : items} changed={page.reload} />
              {next && <p class="quiet">{t('state.truncated', { count: integer(items.length) })}</p>}
            </>
          )
        }
      </Loaded>
    </section>
  );
}

import { useText, type Key } from '../i18n';
import { href, replaceRoute, useRoute, type Pattern } from '../router';
import { useStore } from '../store';
import { inventory } from '../api/inventory';
import { TownSelect, tenantTitle } from './pickers';

const tabs: readonly { at: Extract<Pattern, `towns${string}`>; label: Key }[] = [
  { at: 'towns', label: 'towns.all' },
  { at: 'towns/environment', label: 'environment.title' },
  { at: 'towns/indoors', label: 'indoors.title' },
  { at: 'towns/traffic', label: 'traffic.title' },
  { at: 'towns/parking', label: 'parking.title' },
  { at: 'towns/energy', label: 'energy.title' },
  { at: 'towns/balance', label: 'balance.title' },
  { at: 'towns/waste', label: 'waste.title' },
  { at: 'towns/open', label: 'open.title' },
];

// The views of one town beside each other; the town stays when the view changes.
export function TownTabs({ tenant }: { tenant: string }): preact.JSX.Element {
  const t = useText();
  const { path } = useRoute();
  const here = path.join('/');
  return (
    <nav class="chips" aria-label={t('nav.towns')}>
      {tabs.map(({ at, label }) => (
        <a key={at} class="chip" aria-current={at === here ? 'page' : undefined} href={href(at.split('/'), { tenant })}>
          {t(label)}
        </a>
      ))}
    </nav>
  );
}

// The town that the address names, else the first one.
export function useTown(): { tenant: string; loaded: boolean } {
  const { tenants, loaded } = useStore(inventory);
  const { query } = useRoute();
  const first = [...tenants].sort((a, b) => tenantTitle([a], a.name).localeCompare(tenantTitle([b], b.name), 'de'))[0];
  return { tenant: query.get('tenant') || first?.name || '', loaded };
}

export function TownChoice({ tenant }: { tenant: string }): preact.JSX.Element {
  const { path } = useRoute();
  return <TownSelect value={tenant} change={(next) => replaceRoute(href(path, { tenant: next }))} />;
}

import type { ComponentChildren } from 'preact';
import { useText } from '../i18n';
import { useTenantTitle } from './pickers';
import { Empty } from './states';
import { TownChoice, TownTabs, useTown } from './town_tabs';

// A view of one town: what it is about, the views beside it, which town, and what it says of it.
export function TownPage(props: {
  title: string;
  intro: string;
  children: (tenant: string) => ComponentChildren;
}): preact.JSX.Element {
  const t = useText();
  const name = useTenantTitle();
  const { tenant, loaded } = useTown();
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>
          {props.title}
          {tenant && ` · ${name(tenant)}`}
        </h1>
        <p class="quiet">{props.intro}</p>
      </div>
      <TownTabs tenant={tenant} />
      <div class="controls">
        <TownChoice tenant={tenant} />
      </div>
      {loaded && !tenant && <Empty>{t('overview.none')}</Empty>}
      {tenant && props.children(tenant)}
    </section>
  );
}

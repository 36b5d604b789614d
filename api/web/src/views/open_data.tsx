import { inventory } from '../api/inventory';
import { openMeasures, type OpenMeasure, type OpenRow } from '../api/open_data';
import { useResource } from '../api/resource';
import { apiUrl } from '../api/client';
import { isMeter } from '../format/load_profile';
import { measureName } from '../format/measures';
import { integer, percent } from '../format/numbers';
import { day } from '../format/time';
import { useText } from '../i18n';
import { StackedTable } from '../parts/stacked_table';
import { Empty, Loaded } from '../parts/states';
import { TownPage } from '../parts/town_page';
import { useStore } from '../store';

// What a town publishes without a token: which measures, of how many contributors, and why the others are held back.
export function OpenDataView(): preact.JSX.Element {
  const t = useText();
  return (
    <TownPage title={t('open.title')} intro={t('open.intro')}>
      {(tenant) => <Town key={tenant} tenant={tenant} />}
    </TownPage>
  );
}

function Town({ tenant }: { tenant: string }): preact.JSX.Element {
  const t = useText();
  const { tenants } = useStore(inventory);
  const found = useResource(`open ${tenant}`, (signal) => openMeasures(tenant, signal), 600_000);
  const useCases = tenants.find(({ name }) => name === tenant)?.open ?? [];
  return (
    <>
      <section class="card" data-test="open-use-cases">
        <h2>{t('open.usecases')}</h2>
        {useCases.length === 0 ? (
          <Empty>{t('open.usecases.none')}</Empty>
        ) : (
          <p class="badges">
            {useCases.map((name) => (
              <span key={name} class="badge mono">
                {name}
              </span>
            ))}
          </p>
        )}
        <p class="quiet small">{t('open.usecases.rule')}</p>
      </section>
      <Loaded resource={found}>
        {(measures) => {
          const released = measures.flatMap(({ measure, newest }) => (newest ? [{ measure, newest }] : []));
          return (
            <>
              <Released tenant={tenant} released={released} />
              <Held held={measures.filter(({ newest }) => newest === null)} />
            </>
          );
        }}
      </Loaded>
      <section class="card">
        <h2>{t('open.rules')}</h2>
        <ul class="plain">
          <li>{t('open.rule.few')}</li>
          <li>{t('open.rule.dominated')}</li>
          <li>{t('open.rule.early')}</li>
          <li>{t('open.rule.once')}</li>
        </ul>
      </section>
    </>
  );
}

// A measure's name and how its address calls it.
function Measure({ of }: { of: string }): preact.JSX.Element {
  return (
    <>
      {measureName(of)}
      <span class="mono quiet below">{of}</span>
    </>
  );
}

function Released(props: { tenant: string; released: readonly { measure: string; newest: OpenRow }[] }): preact.JSX.Element {
  const t = useText();
  const { tenant, released } = props;
  const contributors = ({ privacy, members_used, members_total }: OpenRow): string =>
    privacy === 'household'
      ? t('open.meters', { n: integer(members_used ?? 0) })
      : t('open.sites', { n: integer(members_used ?? 0), all: integer(members_total ?? 0) });
  return (
    <section class="card table-card">
      <h2>{t('open.released')}</h2>
      {released.length === 0 ? (
        <Empty>{t('open.released.none')}</Empty>
      ) : (
        <StackedTable
          test="open-released"
          columns={[
            { label: t('col.measure') },
            { label: t('open.class') },
            { label: t('open.contributors'), num: true },
            { label: t('open.coverage'), num: true },
            { label: t('open.newest'), num: true },
            { label: t('open.data') },
          ]}
          rows={released.map(({ measure, newest }) => ({
            key: measure,
            cells: [
              <Measure key="measure" of={measure} />,
              t(`open.class.${newest.privacy}`),
              contributors(newest),
              newest.coverage === null ? '–' : percent(newest.coverage),
              day(newest.start),
              <a key="csv" href={apiUrl('open/agg', { tenant, measure, res: '1d', format: 'csv' })}>
                CSV
              </a>,
            ],
          }))}
        />
      )}
    </section>
  );
}

// The measures that share a reason stand together.
function Held({ held }: { held: readonly OpenMeasure[] }): preact.JSX.Element | null {
  const t = useText();
  if (held.length === 0) return null;
  const meters = held.filter(({ measure, kind }) => isMeter(measure, kind));
  const groups = [
    { why: t('open.held.meters'), of: meters },
    { why: t('open.held.others'), of: held.filter((each) => !meters.includes(each)) },
  ];
  return (
    <section class="card" data-test="open-held">
      <h2>{t('open.held')}</h2>
      <ul class="plain">
        {groups
          .filter(({ of }) => of.length > 0)
          .map(({ why, of }) => (
            <li key={why}>
              {of.map(({ measure }) => measureName(measure)).join(', ')}
              <span class="quiet below">{why}</span>
            </li>
          ))}
      </ul>
    </section>
  );
}

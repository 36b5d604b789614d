import type { Series } from '../../api/types';
import { streetLightOf, type StreetLight } from '../../api/utilisation';
import { valueText } from '../../format/measures';
import { decimal, integer } from '../../format/numbers';
import { siteOptions } from '../../format/stations';
import { calendarDate } from '../../format/time';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';
import { DeviceLink, Known } from '../../parts/device_link';
import { StackedTable } from '../../parts/stacked_table';
import { TableBehind } from '../../parts/table_behind';

const dayMs = 86_400_000;
const shownDays = 8;

// Street light against the night: what stays dark, and what burns by day.
export function StreetLightCard({ tenant, feeds }: { tenant: string; feeds: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  const known = new Set(feeds.map(({ dev_eui }) => dev_eui));
  return (
    <ChoiceCard
      test="street-light"
      title={t('light.title')}
      intro={t('light.intro')}
      label={t('col.site')}
      options={siteOptions(feeds)}
      name={`light ${tenant}`}
      everyMs={600_000}
      load={async (site, signal) => {
        const from = new Date(Date.now() - shownDays * dayMs).toISOString();
        return (await streetLightOf({ tenant, site, from }, signal)).filter(({ dev_eui }) => known.has(dev_eui));
      }}
      isEmpty={(found) => found.length === 0}
      nothing={t('indoors.nosite')}
    >
      {(found) => <Shown feeds={found} />}
    </ChoiceCard>
  );
}

function hours(value: number): string {
  return `${decimal(value, 1)}\u202fh`;
}

function Shown({ feeds }: { feeds: readonly StreetLight[] }): preact.JSX.Element {
  const t = useText();
  const columns = [
    { label: t('light.burnt'), num: true, hint: t('light.burnt.hint') },
    { label: t('light.byday'), num: true, hint: t('light.byday.hint') },
    { label: t('light.perlamp'), num: true },
    { label: t('col.coverage'), num: true },
  ];
  const cells = (night: StreetLight['nights'][number], unit: string): preact.ComponentChildren[] => [
    t('light.of', { hours: decimal(night.burn_hours, 1), all: hours(night.night_hours) }),
    night.day_burn_hours > 1 ? <span class="health fair">{hours(night.day_burn_hours)}</span> : hours(night.day_burn_hours),
    valueText('energy', night.energy_per_lamp, unit),
    <Known
      key="known"
      known={night.known_hours}
      possible={night.night_hours}
      unit="hours"
      valid={night.valid}
    />,
  ];
  // The night that is over, not the one that has just begun.
  const last = (feed: StreetLight): StreetLight['nights'][number] | undefined =>
    feed.nights.filter((night) => night.known_hours > 0).at(-1);
  return (
    <>
      <StackedTable
        test="lights"
        columns={[
          { label: t('light.feed') },
          { label: t('light.lamps'), num: true },
          { label: t('light.state') },
          ...columns,
        ]}
        rows={feeds.map((feed) => {
          const night = last(feed);
          return {
            key: feed.dev_eui,
            cells: [
              <DeviceLink key="who" of={feed} />,
              integer(feed.lamps),
              <State key="state" feed={feed} />,
              ...(night ? cells(night, feed.unit) : ['–', '–', '–', '–']),
            ],
          };
        })}
      />
      {feeds.some(({ nights }) => nights.length > 0) && (
        <TableBehind
          test="light-nights"
          summary={t('light.nights')}
          columns={[{ label: t('light.feed') }, { label: t('light.night') }, ...columns]}
          rows={feeds.flatMap((feed) =>
            [...feed.nights].reverse().map((night) => ({
              key: `${feed.dev_eui} ${night.date}`,
              weak: !night.valid,
              cells: [feed.device, calendarDate(night.date), ...cells(night, feed.unit)],
            })),
          )}
        />
      )}
      <p class="quiet small">{t('light.rule')}</p>
    </>
  );
}

function State({ feed }: { feed: StreetLight }): preact.JSX.Element {
  const t = useText();
  if (!feed.located) return <span class="health fair">{t('light.nolocation')}</span>;
  const dark = feed.nights.filter(({ failed }) => failed);
  const newest = dark.at(-1);
  if (newest)
    return (
      <>
        <span class="health poor">{t('light.failed', { nights: integer(dark.length) })}</span>
        <span class="quiet below">{t('light.failed.last', { date: calendarDate(newest.date) })}</span>
      </>
    );
  return <span class="quiet">{t(feed.nights.some(({ valid }) => valid) ? 'light.fine' : 'plot.invalid')}</span>;
}

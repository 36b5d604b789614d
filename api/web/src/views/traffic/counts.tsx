import { useState } from 'preact/hooks';
import type { Series } from '../../api/types';
import { trafficOf, type CountingPoint, type DailyTraffic } from '../../api/utilisation';
import { measureName, valueText } from '../../format/measures';
import { integer, percent } from '../../format/numbers';
import { siteOptions } from '../../format/stations';
import { calendarDate, day, minute } from '../../format/time';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';
import { DeviceLink, Known } from '../../parts/device_link';
import { Choices } from '../../parts/pickers';
import { StackedTable } from '../../parts/stacked_table';
import { TableBehind } from '../../parts/table_behind';
import { href } from '../../router';

const dayMs = 86_400_000;
const spans = ['7', '28', '90'] as const;

// A traffic planner's figures of each counting point.
export function CountsCard({ tenant, counters }: { tenant: string; counters: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  const [days, setDays] = useState<string>('28');
  return (
    <ChoiceCard
      test="traffic"
      title={t('counts.title')}
      intro={t('counts.intro')}
      label={t('col.site')}
      options={siteOptions(counters)}
      name={`traffic ${tenant} ${days}`}
      everyMs={300_000}
      load={(site, signal) =>
        trafficOf({ tenant, site, from: new Date(Date.now() - Number(days) * dayMs).toISOString() }, signal)
      }
      isEmpty={(points) => points.length === 0}
      nothing={t('indoors.nosite')}
      controls={
        <Choices
          label={t('plot.range')}
          value={days}
          change={setDays}
          choices={spans.map((value) => ({ value, label: t('unit.daysfull', { n: value }) }))}
        />
      }
    >
      {(points) => <Shown points={points} tenant={tenant} />}
    </ChoiceCard>
  );
}

function Shown({ points, tenant }: { points: readonly CountingPoint[]; tenant: string }): preact.JSX.Element {
  const t = useText();
  const speeds = points.some(({ v85 }) => v85 !== null);
  const heavy = points.some(({ heavy_share: share }) => share !== null);
  const presence = points.flatMap((point) => point.presence.map((of) => ({ point, of })));
  return (
    <>
      <StackedTable
        test="counts"
        columns={[
          { label: t('counts.point') },
          { label: t('counts.what') },
          { label: t('counts.dtv'), num: true, hint: t('counts.dtv.hint') },
          { label: t('counts.dtvw'), num: true, hint: t('counts.dtvw.hint') },
          { label: t('counts.peak'), num: true, hint: t('counts.peak.hint') },
          ...(heavy ? [{ label: t('counts.heavy'), num: true, hint: t('counts.heavy.hint') }] : []),
          ...(speeds ? [{ label: t('counts.v85'), num: true, hint: t('counts.v85.hint') }] : []),
          { label: t('counts.total'), num: true },
        ]}
        rows={points.flatMap((point) =>
          point.counts.map((count, i) => ({
            key: `${point.dev_eui} ${count.measure}`,
            cells: [
              <DeviceLink key="who" of={point} to={href(['series', point.dev_eui, count.measure], { tenant, range: '7d' })} />,
              measureName(count.measure),
              <Daily key="dtv" of={count.dtv} />,
              <Daily key="dtvw" of={count.dtvw} />,
              count.peak_hour ? (
                <>
                  {integer(count.peak_hour.count)}
                  <span class="quiet below">
                    {day(count.peak_hour.start)} {minute(count.peak_hour.start)}
                  </span>
                </>
              ) : (
                '–'
              ),
              ...(heavy ? [ofVehicles(point, i) && point.heavy_share !== null ? percent(point.heavy_share, 1) : '–'] : []),
              ...(speeds ? [ofVehicles(point, i) && point.v85 !== null ? valueText('speed', point.v85, point.v85_unit ?? '') : '–'] : []),
              integer(count.total),
            ],
          })),
        )}
      />
      {presence.length > 0 && (
        <>
          <h3>{t('presence.title')}</h3>
          <p class="quiet small">{t('presence.intro')}</p>
          <TableBehind
            test="presence"
        summary={t('days.table')}
            columns={[
              { label: t('counts.point') },
              { label: t('meter.day') },
              { label: t('presence.highest'), num: true },
              { label: t('presence.left'), num: true },
              { label: t('col.coverage'), num: true },
            ]}
            rows={presence.map(({ point, of }) => ({
              key: `${point.dev_eui} ${of.measure} ${of.date}`,
              weak: of.quarters < of.possible_quarters,
              cells: [
                point.device,
                calendarDate(of.date),
                t('presence.at', { count: integer(of.highest), time: minute(of.highest_time) }),
                integer(of.left),
                percent(of.possible_quarters === 0 ? 0 : of.quarters / of.possible_quarters),
              ],
            }))}
          />
        </>
      )}
      <p class="quiet small">{t('counts.rule')}</p>
    </>
  );
}

// Speed and heavy share are of a point's vehicles: told once, with them.
function ofVehicles({ counts }: CountingPoint, at: number): boolean {
  const vehicles = counts.findIndex(({ measure }) => measure.startsWith('vehicles'));
  return at === Math.max(vehicles, 0);
}

function Daily({ of }: { of: DailyTraffic | null }): preact.JSX.Element {
  const t = useText();
  if (!of) return <span class="quiet">{t('counts.noday')}</span>;
  return (
    <>
      <strong>{integer(of.value)}</strong>
      <span class="below">
        <Known known={of.days} possible={of.possible_days} unit="days" valid={of.valid} />
      </span>
    </>
  );
}

import { airOf, type AirHour, type AirQuality, type Pollutant } from '../../api/environment';
import type { Series } from '../../api/types';
import { measureName, valueText } from '../../format/measures';
import { decimal } from '../../format/numbers';
import { day, instant, windowLabel } from '../../format/time';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';
import { TableBehind } from '../../parts/table_behind';
import { BarLegend } from '../../plot/bar_legend';
import { Bars, type Bar } from '../../plot/bars';
import { siteOptions } from '../../format/stations';

const hourMs = 3_600_000;
const shownHours = 48;
const levels = ['very_good', 'good', 'moderate', 'poor', 'very_poor'] as const;
const all = ['pm10', 'pm2_5', 'o3', 'no2', 'so2'] as const;

// The air of one site: the class of each hour, of all pollutants that are measured there.
export function AirCard({ tenant, series }: { tenant: string; series: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  return (
    <ChoiceCard
      test="air"
      title={t('air.title')}
      intro={t('air.intro')}
      label={t('col.site')}
      options={siteOptions(series)}
      name={`air ${tenant}`}
      everyMs={120_000}
      load={(site, signal) => airOf(tenant, site, new Date(Date.now() - shownHours * hourMs).toISOString(), signal)}
      isEmpty={({ items }) => items.length === 0}
      nothing={t('air.nosite')}
    >
      {(air) => <Shown air={air} />}
    </ChoiceCard>
  );
}

function Shown({ air }: { air: AirQuality }): preact.JSX.Element {
  const t = useText();
  const measured = all.filter((measure) => air.items.some((hour) => hour.pollutants.some((p) => p.measure === measure)));
  const newest = air.items.filter(({ index }) => index !== null).at(-1);
  return (
    <>
      <p class="badges">
        {newest?.index && (
          <span class={`badge air-${newest.index.level}`} data-test="air-now">
            {t(`air.level.${newest.index.level}`)}
          </span>
        )}
        {air.indicative && (
          <span class="badge" title={t('air.indicative.hint')}>
            {t('air.indicative')}
          </span>
        )}
        {measured.length < all.length && <span class="badge">{t('air.incomplete')}</span>}
        <span class="quiet">{t('air.measured', { measures: measured.map(measureName).join(', ') })}</span>
      </p>
      <Bars
        bars={bars(air.items, t)}
        top={5}
        shown={() => ''}
        label={t('air.hours')}
        legend={<BarLegend keys={levels.map((level) => ({ tone: `air-${level}`, label: t(`air.level.${level}`) }))} />}
      />
      {air.aot40 && (
        <p class="quiet small">
          {t(air.aot40.valid ? 'air.aot40' : 'air.aot40.bound', {
            value: `${decimal(air.aot40.value, 0)} ${air.aot40.unit.replace('ug', 'µg').replace('m3', 'm³')}`,
          })}
        </p>
      )}
      <TableBehind
        test="air-hours"
        columns={[
          { label: t('col.window') },
          { label: t('air.class') },
          ...measured.map((measure) => ({ label: measureName(measure), num: true })),
        ]}
        rows={[...air.items].reverse().map((hour) => ({
          key: hour.start,
          cells: [
            windowLabel(hour.start, hour.end),
            hour.index
              ? `${t(`air.level.${hour.index.level}`)}${hour.index.incomplete ? ` (${t('air.incomplete')})` : ''}`
              : t('plot.invalid'),
            ...measured.map((measure) => {
              const one = hour.pollutants.find((p) => p.measure === measure);
              return one ? <Means key={measure} of={one} /> : '–';
            }),
          ],
        }))}
      />
    </>
  );
}

function Means({ of }: { of: Pollutant }): preact.JSX.Element {
  const t = useText();
  const running = [
    ...(of.mean_8h === null ? [] : [`8 h ${decimal(of.mean_8h, 0)}`]),
    ...(of.mean_24h === null ? [] : [`24 h ${decimal(of.mean_24h, 0)}`]),
  ];
  return (
    <>
      {valueText(of.measure, of.mean, of.unit)}
      {of.valid === false && ` (${t('plot.invalid')})`}
      {running.length > 0 && <span class="quiet below">{running.join(' · ')}</span>}
    </>
  );
}

// One bar for each hour of the span: an hour without a result is a gap, one with too little data an outline.
function bars(items: readonly AirHour[], t: ReturnType<typeof useText>): Bar[] {
  const first = instant(items[0]?.start ?? 0);
  const last = instant(items.at(-1)?.start ?? 0);
  const byStart = new Map(items.map((hour) => [instant(hour.start), hour]));
  const result: Bar[] = [];
  for (let start = first; start <= last; start += hourMs) {
    const hour = byStart.get(start);
    const worst = hour?.pollutants.find(({ measure }) => measure === hour.index?.pollutant) ?? hour?.pollutants[0];
    const class_ = hour?.index ? t(`air.level.${hour.index.level}`) : hour ? t('plot.invalid') : t('climate.nodata');
    const why = worst ? `, ${measureName(worst.measure)} ${valueText(worst.measure, worst.mean, worst.unit)}` : '';
    result.push({
      key: String(start),
      value: hour?.index ? hour.index.place + 1 : hour ? 0.5 : null,
      tone: hour?.index ? `air-${hour.index.level}` : '',
      weak: hour !== undefined && hour.index === null,
      says: `${windowLabel(start, start + hourMs)}: ${class_}${why}`,
      ...(start !== first && day(start) !== day(start - hourMs) ? { tick: day(start) } : {}),
    });
  }
  return result;
}

import { useState } from 'preact/hooks';
import { airLimitsOf, type AirLimit, type AirLimits } from '../../api/environment';
import type { Series } from '../../api/types';
import { measureName, valueText } from '../../format/measures';
import { decimal, integer, percent } from '../../format/numbers';
import { siteOptions } from '../../format/stations';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';
import { SelectField } from '../../parts/select_field';
import { StackedTable } from '../../parts/stacked_table';

const shownYears = 3;

// How often the air of a site was beyond the limits of a year, and how well that is known.
export function AirLimitsCard({ tenant, series }: { tenant: string; series: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  const now = new Date().getUTCFullYear();
  const [year, setYear] = useState(String(now));
  const years = Array.from({ length: shownYears }, (_, i) => String(now - i));
  return (
    <ChoiceCard
      test="air-limits"
      title={t('limits.title')}
      intro={t('limits.intro')}
      label={t('col.site')}
      options={siteOptions(series)}
      name={`air limits ${tenant} ${year}`}
      everyMs={600_000}
      load={(site, signal) => airLimitsOf({ tenant, site, year: Number(year) }, signal)}
      isEmpty={({ items }) => items.length === 0}
      nothing={t('air.nosite')}
      empty={t('limits.none')}
      controls={
        <SelectField label={t('climate.year')} value={year} options={years.map((value) => ({ value, label: value }))} change={setYear} />
      }
    >
      {(limits) => <Shown limits={limits} />}
    </ChoiceCard>
  );
}

function Shown({ limits }: { limits: AirLimits }): preact.JSX.Element {
  const t = useText();
  return (
    <>
      {limits.indicative && (
        <p class="badges">
          <span class="badge" title={t('air.indicative.hint')}>
            {t('air.indicative')}
          </span>
        </p>
      )}
      <StackedTable
        test="air-limits-table"
        columns={[
          { label: t('limits.pollutant') },
          { label: t('limits.of') },
          { label: t('limits.limit'), num: true },
          { label: t('limits.measured'), num: true },
          { label: t('limits.known'), num: true, hint: t('limits.known.hint') },
          { label: t('col.state') },
        ]}
        rows={limits.items.map((limit) => ({
          key: `${limit.measure} ${limit.mean_of}`,
          cells: [
            measureName(limit.measure),
            t(`limits.mean.${limit.mean_of}`),
            valueText(limit.measure, limit.limit, limit.unit),
            <Measured key="measured" of={limit} />,
            <Known key="known" of={limit} />,
            <State key="state" of={limit} />,
          ],
        }))}
      />
      <p class="quiet small">{t('limits.rule')}</p>
    </>
  );
}

function Measured({ of }: { of: AirLimit }): preact.JSX.Element {
  const t = useText();
  if (of.allowed === null) return <>{of.mean === null ? '–' : valueText(of.measure, of.mean, of.unit)}</>;
  const unit =
    of.mean_of === 'hour' ? 'limits.hours' : of.mean_of === 'three_hours' ? 'limits.times' : ('limits.days' as const);
  return (
    <>
      {t(unit, { n: integer(of.exceeded) })}
      <span class="quiet below">{t('limits.allowed', { n: integer(of.allowed) })}</span>
      {of.over_years && (
        <span class="quiet below">
          {t('limits.over', { years: integer(of.over_years.years), mean: decimal(of.over_years.mean, 1) })}
        </span>
      )}
    </>
  );
}

function Known({ of }: { of: AirLimit }): preact.JSX.Element {
  const t = useText();
  const byHours = of.mean_of !== 'day' && of.mean_of !== 'highest_8h';
  const all = { n: integer(of.counted), possible: integer(of.possible) };
  return (
    <>
      {of.capture === null ? '–' : percent(of.capture)}
      <span class="quiet below">{t(byHours ? 'limits.hours.of' : 'limits.days.of', all)}</span>
      {of.humid_share !== null && of.humid_share > 0 && (
        <span class="quiet below">{t('limits.humid', { share: percent(of.humid_share) })}</span>
      )}
    </>
  );
}

// A limit that is not kept stays so, however little is known; one that is kept may be so only for want of data.
function State({ of }: { of: AirLimit }): preact.JSX.Element {
  const t = useText();
  if (!of.kept) return <span class="badge limit-exceeded">{t('limits.exceeded')}</span>;
  return (
    <>
      {t('limits.kept')}
      {of.valid !== true && <span class="quiet below">{t('plot.invalid')}</span>}
    </>
  );
}

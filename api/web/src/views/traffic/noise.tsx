import { useState } from 'preact/hooks';
import { noiseOf, type NoiseLevel, type Noise, type NoiseDay } from '../../api/environment';
import type { Series } from '../../api/types';
import { fixed, integer } from '../../format/numbers';
import { stationOptions } from '../../format/stations';
import { calendarDate } from '../../format/time';
import { useText } from '../../i18n';
import { ChoiceCard } from '../../parts/choice_card';
import { Choices } from '../../parts/pickers';
import { TableBehind } from '../../parts/table_behind';
import { BarLegend } from '../../plot/bar_legend';
import { Bars } from '../../plot/bars';

const dayMs = 86_400_000;
const shownDays = 30;
const parts = ['day', 'evening', 'night'] as const;
const tables = ['de', 'eu'] as const;
const quiet = 30; // dB: no street is as quiet as where bars begin

// Lden of each day, and how much of it is measured.
export function NoiseCard({ tenant, sensors }: { tenant: string; sensors: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  const [hours, setHours] = useState<string>('de');
  return (
    <ChoiceCard
      test="noise"
      title={t('noise.title')}
      intro={t('noise.intro')}
      label={t('environment.station')}
      options={stationOptions(sensors)}
      name={`noise ${tenant} ${hours}`}
      everyMs={600_000}
      load={(device, signal) =>
        noiseOf({ tenant, device, hours, from: new Date(Date.now() - shownDays * dayMs).toISOString() }, signal)
      }
      isEmpty={(noise) => !noise?.days.some(({ lden, day, evening, night }) => lden !== null || day || evening || night)}
      controls={
        <Choices
          label={t('noise.hours')}
          value={hours}
          change={setHours}
          choices={tables.map((value) => ({ value, label: t(`noise.hours.${value}`) }))}
        />
      }
    >
      {(noise) => noise && <Shown noise={noise} />}
    </ChoiceCard>
  );
}

function decibels(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${fixed(value, 1)}\u202fdB`;
}

function Shown({ noise }: { noise: Noise }): preact.JSX.Element {
  const t = useText();
  const newest = noise.days.filter(({ valid }) => valid === true).at(-1);
  const tiles: [string, string][] = newest
    ? [
        [t('noise.lden'), decibels(newest.lden)],
        ...parts.map((part): [string, string] => [t(`noise.part.${part}`), decibels(newest[part]?.level)]),
      ]
    : [];
  const says = (day: NoiseDay): string =>
    [
      `${calendarDate(day.date)}: ${day.lden === null ? t('climate.nodata') : decibels(day.lden)}`,
      ...(day.lden !== null && day.valid !== true ? [t('plot.invalid')] : []),
    ].join(', ');
  return (
    <>
      <p class="badges">
        {noise.indicative && (
          <span class="badge" title={t('noise.indicative.hint')}>
            {t('air.indicative')}
          </span>
        )}
        <span class="quiet">{newest ? t('noise.newest', { date: calendarDate(newest.date) }) : t('noise.novalid')}</span>
      </p>
      {newest && (
        <ul class="tiles" data-test="noise-newest">
          {tiles.map(([label, value]) => (
            <li key={label}>
              <span class="quiet">{label}</span>
              <strong>{value}</strong>
            </li>
          ))}
        </ul>
      )}
      <Bars
        bars={noise.days.map((day, i) => ({
          key: day.date,
          value: day.lden,
          weak: day.valid !== true,
          says: says(day),
          ...(i % 4 === 0 ? { tick: calendarDate(day.date) } : {}),
        }))}
        bottom={quiet}
        label={t('noise.days')}
        shown={(value) => `${integer(value)}\u202fdB`}
        legend={<BarLegend keys={[{ tone: '', label: t('noise.lden') }]} />}
      />
      <TableBehind
        test="noise-days"
        columns={[
          { label: t('meter.day') },
          { label: t('noise.lden'), num: true },
          ...parts.map((part) => ({ label: t(`noise.part.${part}`), num: true })),
          { label: t('col.state') },
        ]}
        rows={[...noise.days].reverse().map((day) => ({
          key: day.date,
          weak: day.valid !== true,
          cells: [
            calendarDate(day.date),
            decibels(day.lden),
            ...parts.map((part) => <Part key={part} of={day[part]} />),
            t(day.valid === true ? 'noise.valid' : day.lden === null ? 'climate.nodata' : 'plot.invalid'),
          ],
        }))}
      />
      <p class="quiet small">{t('noise.rule')}</p>
    </>
  );
}

function Part({ of }: { of: NoiseLevel | null }): preact.JSX.Element {
  const t = useText();
  if (!of) return <>–</>;
  return (
    <>
      {decibels(of.level)}
      {of.hours < of.possible_hours && (
        <span class="quiet below">{t('known.hours', { known: of.hours, possible: of.possible_hours })}</span>
      )}
    </>
  );
}

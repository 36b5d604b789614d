import type { MeterDay, Quality } from '../api/meters';
import { valueText } from '../format/measures';
import { day } from '../format/time';
import { useText } from '../i18n';
import { NumberTable } from './table_behind';

const findings = ['leak', 'burst', 'unusual_flow', 'reverse', 'dry'] as const;

// Days of a meter, the newest first: what was counted, how well that is known, and what is wrong.
export function MeterDays(props: {
  test: string;
  days: readonly MeterDay[];
  measure: string;
  unit: string;
}): preact.JSX.Element {
  const t = useText();
  const { measure, unit } = props;
  return (
    <NumberTable
      test={props.test}
      columns={[
        { label: t('meter.day') },
        { label: t('meter.amount'), num: true },
        { label: t('meter.quality') },
        { label: t('meter.findings') },
      ]}
      rows={[...props.days].reverse().map((each) => ({
        key: each.start,
        weak: each.quality === 'P',
        cells: [
          day(each.start),
          <>
            {valueText(measure, each.amount, unit)}
            {each.estimated > 0 && (
              <span class="quiet below">{t('report.ofestimated', { amount: valueText(measure, each.estimated, unit) })}</span>
            )}
          </>,
          <>
            <QualityName of={each.quality} />
            {each.substitute && <span class="quiet below">{t(`substitute.${each.substitute}`)}</span>}
          </>,
          <Findings key="findings" of={each} />,
        ],
      }))}
    />
  );
}

// The letter of the market's messages, and what it means.
export function QualityName({ of }: { of: Quality }): preact.JSX.Element {
  const t = useText();
  return (
    <>
      <b class="letter">{of}</b> {t(`quality.${of}`)}
    </>
  );
}

// What is wrong; else that nothing is, or that it cannot be told.
function Findings({ of }: { of: MeterDay }): preact.JSX.Element {
  const t = useText();
  const wrong = findings.filter((finding) => of[finding] === 'yes');
  if (wrong.length > 0) {
    return (
      <>
        {wrong.map((finding) => (
          <span key={finding} class="badge finding">
            {t(`finding.${finding}`)}
          </span>
        ))}
      </>
    );
  }
  return <span class="quiet">{t(of.leak === 'unknown' ? 'meter.unknown' : 'meter.fine')}</span>;
}

import type { Flagged } from '../api/types';
import { valueText } from '../format/measures';
import { useText } from '../i18n';

// A newer value that does not count, and why.
export function FlaggedNote(props: { measure: string; unit: string; flagged: Flagged }): preact.JSX.Element {
  const t = useText();
  const { flagged } = props;
  return (
    <span class="flagged below" data-test="flagged">
      {t('flagged.note', {
        value: valueText(props.measure, flagged.value, props.unit),
        why: flagged.flags.map((flag) => t(`flag.${flag}`)).join(', '),
      })}
    </span>
  );
}

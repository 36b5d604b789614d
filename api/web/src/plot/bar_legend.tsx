import { useText } from '../i18n';

export interface BarKey {
  tone: string;
  label: string;
}

// What bars mean: their classes, one with too little data, and none at all.
export function BarLegend({ keys }: { keys: readonly BarKey[] }): preact.JSX.Element {
  const t = useText();
  const all = [...keys, { tone: 'weak', label: t('plot.invalid') }, { tone: 'gap', label: t('climate.nodata') }];
  return (
    <>
      {all.map(({ tone, label }) => (
        <li key={tone}>
          <i class={`bar-key ${tone}`} />
          {label}
        </li>
      ))}
    </>
  );
}

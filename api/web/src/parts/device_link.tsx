import { useText } from '../i18n';
import { href } from '../router';

interface Who {
  dev_eui: string;
  device: string;
  site?: string | null;
}

// A device by its name, with where it is below it; `to` names another view of it than its own.
export function DeviceLink({ of, to }: { of: Who; to?: string }): preact.JSX.Element {
  return (
    <>
      <a class="strong" href={to ?? href(['devices', of.dev_eui])}>
        {of.device || of.dev_eui}
      </a>
      {of.site && <span class="quiet below">{of.site}</span>}
    </>
  );
}

// How much is known of what was asked for, marked where it is too little to rely on.
export function Known(props: { known: number; possible: number; unit: 'days' | 'hours'; valid: boolean | null }): preact.JSX.Element {
  const t = useText();
  const text = t(`known.${props.unit}`, { known: props.known, possible: props.possible });
  if (props.valid === true) return <span class="quiet">{text}</span>;
  return (
    <span class="health fair">
      {text} · {t('plot.invalid')}
    </span>
  );
}

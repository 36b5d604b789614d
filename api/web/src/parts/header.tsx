import { useState } from 'preact/hooks';
import { openAlerts } from '../api/alerts';
import { connection } from '../api/connection';
import { language, setLanguage, useText, type Key } from '../i18n';
import { href } from '../router';
import { useStore } from '../store';
import { Icon, Mark, type IconName } from './icons';
import { TokenDialog } from './token';

export const sections: readonly { path: string; label: Key; icon: IconName }[] = [
  { path: '', label: 'nav.map', icon: 'map' },
  { path: 'live', label: 'nav.live', icon: 'live' },
  { path: 'alerts', label: 'nav.alerts', icon: 'alerts' },
  { path: 'devices', label: 'nav.devices', icon: 'devices' },
  { path: 'series', label: 'nav.series', icon: 'series' },
  { path: 'towns', label: 'nav.towns', icon: 'towns' },
  { path: 'network', label: 'nav.network', icon: 'network' },
  { path: 'about', label: 'nav.about', icon: 'about' },
];

// How many nobody takes care of yet; in the colour of the worst.
function AlertCount(): preact.JSX.Element | null {
  const t = useText();
  const { items, more } = useStore(openAlerts);
  const firing = items.filter(({ state }) => state === 'firing');
  const worst = firing[0]?.severity;
  if (!worst) return null;
  const count = `${firing.length}${more ? '+' : ''}`;
  return (
    <span class={`count severity-${worst}`} data-test="alert-count" title={t('alerts.open', { count })}>
      {count}
    </span>
  );
}

export function Header({ section }: { section: string }): preact.JSX.Element {
  const t = useText();
  const lang = useStore(language);
  const { phase } = useStore(connection);
  const [asking, setAsking] = useState(false);
  // A meter's report belongs to its device.
  const current = section === 'meters' ? 'devices' : section;
  return (
    <header class="top">
      <a class="brand" href={href([])}>
        <Mark />
        <span class="brand-name">Lenne</span>
        <span class="brand-line">{t('app.tagline')}</span>
      </a>
      <nav class="nav" aria-label={t('nav.label')}>
        {sections.map(({ path, label, icon }) => (
          <a key={path} href={href(path ? [path] : [])} aria-current={current === path ? 'page' : undefined}>
            <Icon name={icon} />
            <span>{t(label)}</span>
            {path === 'alerts' && <AlertCount />}
          </a>
        ))}
      </nav>
      <div class="tools">
        <span class={`pill ${phase}`} role="status" data-test="connection" data-phase={phase}>
          <i />
          {t(`connection.${phase}`)}
        </span>
        <button
          type="button"
          class="tool"
          lang={lang === 'de' ? 'en' : 'de'}
          title={t('language.label')}
          aria-label={t('language.label')}
          onClick={() => setLanguage(lang === 'de' ? 'en' : 'de')}
        >
          <span class="wide-only">{t('language.switch')}</span>
          <span class="narrow-only">{lang === 'de' ? 'EN' : 'DE'}</span>
        </button>
        {phase !== 'unauthorised' && (
          <button
            type="button"
            class="tool"
            title={t('token.open')}
            aria-label={t('token.open')}
            onClick={() => setAsking(true)}
          >
            <Icon name="key" />
          </button>
        )}
      </div>
      <TokenDialog open={asking} close={() => setAsking(false)} />
    </header>
  );
}

import { useEffect, useRef } from 'preact/hooks';
import { connection } from './api/connection';
import { language, useText, type Key } from './i18n';
import { Banners } from './parts/banners';
import { Header, sections } from './parts/header';
import { Empty } from './parts/states';
import { TokenGate } from './parts/token';
import { href, matchRoute, useRoute } from './router';
import { useStore } from './store';
import { views } from './views';

function View({ path }: { path: readonly string[] }): preact.JSX.Element {
  const t = useText();
  const found = matchRoute(path);
  if (found) return views[found.pattern](found.at);
  return (
    <section class="page">
      <h1 tabIndex={-1} class="visually-hidden">
        {t('state.notfound')}
      </h1>
      <Empty>
        {t('state.notfound')} <a href={href([])}>{t('state.tomap')}</a>
      </Empty>
    </section>
  );
}

export function App(): preact.JSX.Element {
  const t = useText();
  const lang = useStore(language);
  const { path } = useRoute();
  const { phase } = useStore(connection);
  const section = path[0] ?? '';
  const main = useRef<HTMLElement>(null);
  const firstView = useRef(true);
  const place = path.join('/');

  useEffect(() => {
    document.documentElement.lang = lang;
    const label: Key = sections.find((entry) => entry.path === section)?.label ?? 'nav.map';
    document.title = `${t(label)} · Lenne`;
  }, [lang, section]);

  // A new view begins at its top, with the focus on its heading, as a new page would.
  useEffect(() => {
    if (firstView.current) {
      firstView.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [place]);

  const skip = (event: Event): void => {
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <div class={`shell phase-${phase}`}>
      <a class="skip" href="#main" onClick={skip}>
        {t('app.skip')}
      </a>
      <Header section={section} />
      <Banners />
      <main
        ref={main}
        id="main"
        tabIndex={-1}
        class={phase === 'offline' ? 'stale' : undefined}
        data-view={matchRoute(path)?.pattern}
      >
        {phase === 'unauthorised' ? <TokenGate /> : <View path={path} />}
      </main>
    </div>
  );
}

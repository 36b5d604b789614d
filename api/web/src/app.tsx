import { useEffect, useRef } from 'preact/hooks';
import { connection } from './api/connection';
import { language, useText, type Key } from './i18n';
import { Banners } from './parts/banners';
import { Header, sections } from './parts/header';
import { Empty } from './parts/states';
import { TokenGate } from './parts/token';
import { href, useRoute } from './router';
import { useStore } from './store';
import { About } from './views/about';
import { Alerts } from './views/alerts';
import { DeviceView } from './views/device';
import { Devices } from './views/devices';
import { GatewayView } from './views/gateway';
import { Live } from './views/live';
import { Network } from './views/network';
import { Overview } from './views/overview';
import { ParkingView } from './views/parking';
import { SeriesView } from './views/series';
import { SeriesList } from './views/series_list';
import { Towns } from './views/towns';

function View({ path }: { path: readonly string[] }): preact.JSX.Element {
  const t = useText();
  const [section = '', first, second] = path;
  if (section === '') return <Overview />;
  if (section === 'live') return <Live />;
  if (section === 'alerts') return <Alerts />;
  if (section === 'devices') return first ? <DeviceView key={first} eui={first} /> : <Devices />;
  if (section === 'gateways' && first) return <GatewayView key={first} id={first} />;
  if (section === 'series')
    return first && second ? <SeriesView key={`${first}/${second}`} eui={first} measure={second} /> : <SeriesList />;
  if (section === 'towns') return first === 'parking' ? <ParkingView /> : <Towns />;
  if (section === 'network') return <Network />;
  if (section === 'about') return <About />;
  return (
    <Empty>
      {t('state.notfound')} <a href={href([])}>{t('state.tomap')}</a>
    </Empty>
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
      <main ref={main} id="main" tabIndex={-1} class={phase === 'offline' ? 'stale' : undefined}>
        {phase === 'unauthorised' ? <TokenGate /> : <View path={path} />}
      </main>
    </div>
  );
}

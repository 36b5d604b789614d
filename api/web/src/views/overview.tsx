import { useEffect, useState } from 'preact/hooks';
import { status } from '../api/connection';
import { onFrame, recentFrames, type Frame } from '../api/frames';
import { inventory } from '../api/inventory';
import { frameText } from '../format/frames';
import { decimal, integer } from '../format/numbers';
import { clock } from '../format/time';
import { useText } from '../i18n';
import { MapView } from '../map/map_view';
import { useTenantTitle } from '../parts/pickers';
import { href } from '../router';
import { useStore } from '../store';

const shownFrames = 7;

export function Overview(): preact.JSX.Element {
  const t = useText();
  return (
    <div class="overview">
      <h1 class="visually-hidden" tabIndex={-1}>
        {t('map.title')}
      </h1>
      <Figures />
      <MapView />
      <aside class="side">
        <TownList />
        <Recent />
      </aside>
    </div>
  );
}

function Figures(): preact.JSX.Element {
  const t = useText();
  const now = useStore(status);
  const figure = (value: string | null, label: string, note: string): preact.JSX.Element => (
    <div class="figure">
      <dt>{label}</dt>
      <dd>
        <strong>{value ?? '–'}</strong> <span>{value === null ? '' : note}</span>
      </dd>
    </div>
  );
  return (
    <dl class="figures" data-test="figures">
      {figure(
        now && decimal(now.uplinks_per_minute, 0),
        t('kpi.uplinks'),
        now ? t('kpi.total', { total: integer(now.uplinks_total) }) : '',
      )}
      {figure(
        now && integer(now.devices_seen_1h),
        t('kpi.devices'),
        now ? t('kpi.of', { total: integer(now.devices) }) : '',
      )}
      {figure(
        now && integer(now.gateways_online),
        t('kpi.gateways'),
        now ? t('kpi.of', { total: integer(now.gateways) }) : '',
      )}
      {figure(now && integer(now.tenants), t('kpi.tenants'), t('kpi.of', { total: 59 }))}
    </dl>
  );
}

// Towns with their counts; a row lights up for a moment when one of its sensors speaks.
function TownList(): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const { tenants, gateways, loaded } = useStore(inventory);
  const lit = useLit();
  const sorted = [...tenants].sort((a, b) => b.devices - a.devices || title(a.name).localeCompare(title(b.name), 'de'));
  return (
    <section class="card">
      <h2>{t('overview.towns')}</h2>
      {loaded && tenants.length === 0 && <p class="quiet">{t('overview.none')}</p>}
      <ul class="town-list">
        {sorted.map(({ name, devices, uplinks }) => {
          const own = gateways.filter((gateway) => gateway.tenant === name);
          return (
            <li key={name} class={lit.has(name) ? 'lit' : undefined}>
              <a href={href(['devices'], { tenant: name })}>
                <i class="lamp" />
                <span class="town-name">{title(name)}</span>
                <span class="town-uplinks">{t('overview.uplinks', { n: integer(uplinks) })}</span>
                <span class="town-counts">
                  {t('overview.counts', {
                    devices: integer(devices),
                    online: own.filter(({ online }) => online).length,
                    gateways: own.length,
                  })}
                </span>
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function useLit(): ReadonlySet<string> {
  const [lit, setLit] = useState<ReadonlyMap<string, number>>(new Map());
  useEffect(() => {
    let fresh = new Set<string>();
    const stop = onFrame((frame) => {
      if (frame.type === 'uplink' && frame.tenant) fresh.add(frame.tenant);
    });
    // Four times a second at most, whatever the rate of frames.
    const timer = setInterval(() => {
      const now = Date.now();
      const heard = fresh;
      fresh = new Set();
      setLit((old) => {
        const next = new Map([...old].filter(([, until]) => until > now));
        for (const tenant of heard) next.set(tenant, now + 700);
        return next.size === 0 && old.size === 0 ? old : next;
      });
    }, 250);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, []);
  return new Set(lit.keys());
}

function Recent(): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const { devices } = useStore(inventory);
  const frames = useRecent();
  return (
    <section class="card recent">
      <h2>{t('overview.recent')}</h2>
      {frames.length === 0 && <p class="quiet">{t('overview.waiting')}</p>}
      <ol>
        {frames.map((frame) => (
          <li key={frame.serial}>
            <a href={frame.dev_eui ? href(['devices', frame.dev_eui]) : href(['live'])}>
              <time>{clock(frame.time ?? frame.arrived)}</time>
              <span class="recent-name">{devices.get(frame.dev_eui ?? '')?.name ?? frame.dev_eui ?? ''}</span>
              <span class="recent-town">{title(frame.tenant)}</span>
              <span class="recent-value">{frameText(frame)}</span>
            </a>
          </li>
        ))}
      </ol>
    </section>
  );
}

function useRecent(): readonly Frame[] {
  const newest = (): Frame[] =>
    recentFrames()
      .filter(({ type }) => type === 'uplink')
      .slice(0, shownFrames);
  const [frames, setFrames] = useState<readonly Frame[]>(newest);
  useEffect(() => {
    let fresh = false;
    const stop = onFrame(() => (fresh = true));
    const timer = setInterval(() => {
      if (!fresh) return;
      fresh = false;
      setFrames(newest());
    }, 500);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, []);
  return frames;
}

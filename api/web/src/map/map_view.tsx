import { useEffect, useRef } from 'preact/hooks';
import { onFrame } from '../api/frames';
import { inventory } from '../api/inventory';
import { townOf, type Town } from '../data/towns';
import { language, text, useText } from '../i18n';
import { integer } from '../format/numbers';
import { ago } from '../format/time';
import { href } from '../router';
import { useStore } from '../store';
import { useScheme } from '../plot/theme';
import { RegionMap, type MapTexts } from './region_map';

const texts = (): MapTexts => ({
  zoomIn: text('map.zoom.in'),
  zoomOut: text('map.zoom.out'),
  reset: text('map.zoom.reset'),
  town: townText,
  place: (place) => {
    const [first] = place.devices;
    if (place.devices.length === 1 && first) return first.name || first.dev_eui;
    return text('map.place', { site: place.site ?? '', count: integer(place.devices.length) });
  },
  open: (place) => {
    const [first] = place.devices;
    const one = place.devices.length === 1 && first;
    location.hash = one
      ? href(['devices', first.dev_eui])
      : href(['devices'], { tenant: place.tenant, q: place.site ?? '' });
  },
  gateway: (gateway) =>
    `${gateway.name || gateway.gateway_id} · ${text(gateway.online ? 'map.gateway' : 'map.gateway.off')} · ` +
    ago(gateway.last_seen, Date.now()),
  openGateway: (gateway) => {
    location.hash = href(['gateways', gateway.gateway_id]);
  },
});

function townText(town: Town): string {
  const tenant = inventory.get().tenants.find((t) => townOf(t)?.ags === town.ags);
  if (!tenant) return `${town.name}: ${text('map.notjoined')}`;
  const counts = text('map.towncounts', {
    devices: integer(tenant.devices),
    gateways: integer(tenant.gateways),
    uplinks: integer(tenant.uplinks),
  });
  return `${town.name}: ${counts}`;
}

export function MapView(): preact.JSX.Element {
  const t = useText();
  const lang = useStore(language);
  const scheme = useScheme();
  const host = useRef<HTMLDivElement>(null);
  const shown = useRef<RegionMap | null>(null);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const openTown = (town: Town): void => {
      const tenant = inventory.get().tenants.find((candidate) => townOf(candidate)?.ags === town.ags);
      if (tenant) location.hash = href(['devices'], { tenant: tenant.name });
    };
    const map = new RegionMap(element, texts(), openTown);
    shown.current = map;
    map.update(inventory.get());
    const stops = [inventory.subscribe((value) => map.update(value)), onFrame((frame) => map.pulse(frame))];
    const watcher = new ResizeObserver(() => map.resized());
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      for (const stop of stops) stop();
      map.remove();
      shown.current = null;
    };
  }, [lang]);

  useEffect(() => shown.current?.recolour(), [scheme]);

  return (
    <div class="map-box">
      <div class="map" ref={host} role="region" aria-label={t('map.label')} />
      <details class="map-legend">
        <summary>{t('map.legend')}</summary>
        <ul>
          <li>
            <i class="key-gateway" />
            {t('map.gateway')}
          </li>
          <li>
            <i class="key-gateway silent" />
            {t('map.gateway.off')}
          </li>
          <li>
            <i class="key-device" />
            {t('map.device')}
          </li>
          <li>
            <i class="key-pulse" />
            {t('map.pulse')}
          </li>
        </ul>
      </details>
      <p class="map-note">{t('map.approximate')}</p>
    </div>
  );
}

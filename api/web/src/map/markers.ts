import L from 'leaflet';
import { cssColour } from '../plot/theme';
import type { Gateway } from '../api/types';
import { placesOf, type DevicePlace } from './places';
import type { KnownDevice } from '../api/inventory';

export interface MarkerTexts {
  gateway(gateway: Gateway): string;
  openGateway(gateway: Gateway): void;
  place(place: DevicePlace): string;
  open(place: DevicePlace): void;
}

// Gateways as small masts, sensors as dots on one canvas.
export class Markers {
  private readonly gateways = L.layerGroup();
  private readonly devices = L.layerGroup();
  private readonly canvas = L.canvas({ padding: 0.3, tolerance: 4 });
  private gatewayKey = '';

  constructor(
    map: L.Map,
    private readonly texts: MarkerTexts,
  ) {
    map.createPane('devices').style.zIndex = '440';
    this.canvas.options.pane = 'devices';
    this.devices.addTo(map);
    this.gateways.addTo(map);
  }

  setGateways(gateways: readonly Gateway[]): void {
    const key = JSON.stringify(gateways.map((g) => [g.gateway_id, g.online, g.location, this.texts.gateway(g)]));
    if (key === this.gatewayKey) return;
    this.gatewayKey = key;
    this.gateways.clearLayers();
    for (const gateway of gateways) {
      if (!gateway.location) continue;
      const { latitude, longitude } = gateway.location;
      const icon = L.divIcon({
        className: `gateway ${gateway.online ? 'online' : 'silent'}`,
        html: mast(),
        iconSize: [22, 22],
        iconAnchor: [11, 11],
      });
      L.marker([latitude, longitude], { icon, keyboard: false, alt: this.texts.gateway(gateway) })
        .bindTooltip(tip(this.texts.gateway(gateway)), { direction: 'top', offset: [0, -8] })
        .on('click', () => this.texts.openGateway(gateway))
        .addTo(this.gateways);
    }
  }

  // One dot per place, larger the more sensors are there: a school has dozens.
  setDevices(devices: ReadonlyMap<string, KnownDevice>): void {
    this.devices.clearLayers();
    const fill = { color: cssColour('--surface'), fillColor: cssColour('--device'), fillOpacity: 0.9 };
    for (const place of placesOf(devices.values())) {
      L.circleMarker([place.latitude, place.longitude], {
        renderer: this.canvas,
        radius: Math.min(6, 2.4 + 0.35 * Math.sqrt(place.devices.length)),
        weight: 1,
        ...fill,
      })
        .bindTooltip(() => tip(this.texts.place(place)), { direction: 'top' })
        .on('click', () => this.texts.open(place))
        .addTo(this.devices);
    }
  }
}

// Text only: names come from outside.
export function tip(content: string): HTMLElement {
  const element = document.createElement('span');
  element.textContent = content;
  return element;
}

function mast(): HTMLElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 22 22');
  svg.setAttribute('aria-hidden', 'true');
  const disc = document.createElementNS(space, 'circle');
  for (const [name, value] of Object.entries({ cx: '11', cy: '11', r: '9.5', class: 'disc' }))
    disc.setAttribute(name, value);
  const lines = document.createElementNS(space, 'path');
  lines.setAttribute('d', 'M11 10v7M8.3 12.4a3.6 3.6 0 1 1 5.4 0M6.3 14a6.3 6.3 0 1 1 9.4 0');
  svg.append(disc, lines);
  const wrap = document.createElement('div');
  wrap.append(svg);
  return wrap;
}

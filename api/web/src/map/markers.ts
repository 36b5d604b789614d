import L from 'leaflet';
import { cssColour } from '../plot/theme';
import type { Gateway } from '../api/types';
import type { KnownDevice } from '../api/inventory';

// Gateways as small masts, devices as dots on one canvas (thousands of them cost no element each).
export class Markers {
  private readonly gateways = L.layerGroup();
  private readonly devices = L.layerGroup();
  private readonly canvas = L.canvas({ padding: 0.3, tolerance: 4 });
  private gatewayKey = '';
  private deviceKey: unknown = null;

  constructor(
    map: L.Map,
    private readonly open: (devEui: string) => void,
    private readonly title: (gateway: Gateway) => string,
  ) {
    map.createPane('devices').style.zIndex = '440';
    this.canvas.options.pane = 'devices';
    this.devices.addTo(map);
    this.gateways.addTo(map);
  }

  setGateways(gateways: readonly Gateway[]): void {
    const key = JSON.stringify(gateways.map((g) => [g.gateway_id, g.online, g.location, this.title(g)]));
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
      L.marker([latitude, longitude], { icon, keyboard: false, alt: this.title(gateway) })
        .bindTooltip(tip(this.title(gateway)), { direction: 'top', offset: [0, -8] })
        .addTo(this.gateways);
    }
  }

  setDevices(devices: ReadonlyMap<string, KnownDevice>, scheme: string): void {
    if (this.deviceKey === devices && this.devices.getLayers().length > 0) return;
    this.deviceKey = devices;
    this.redraw(devices, scheme);
  }

  redraw(devices: ReadonlyMap<string, KnownDevice>, scheme: string): void {
    this.devices.clearLayers();
    const dark = scheme === 'dark';
    for (const device of devices.values()) {
      if (!device.location) continue;
      L.circleMarker([device.location.latitude, device.location.longitude], {
        renderer: this.canvas,
        radius: 3.2,
        weight: 1,
        color: cssColour('--surface'),
        fillColor: cssColour('--device'),
        fillOpacity: dark ? 0.9 : 0.85,
      })
        .bindTooltip(() => tip(device.name || device.dev_eui), { direction: 'top' })
        .on('click', () => this.open(device.dev_eui))
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

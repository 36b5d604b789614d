import L from 'leaflet';
import 'leaflet/dist/leaflet.css';
import type { Frame } from '../api/frames';
import type { Inventory } from '../api/inventory';
import { townOf, towns, type Town } from '../data/towns';
import { addBaseLayer, type BaseLayer } from './base_layer';
import { addLabels, type Labels } from './labels';
import { Markers, tip, type MarkerTexts } from './markers';
import { Pulses } from './pulses';

export interface MapTexts extends MarkerTexts {
  zoomIn: string;
  zoomOut: string;
  reset: string;
  town(town: Town): string;
}

const farBelow = 10.5;

// The live map. It knows Leaflet; the views know only this class.
export class RegionMap {
  private readonly map: L.Map;
  private readonly base: BaseLayer;
  private readonly labels: Labels;
  private readonly markers: Markers;
  private readonly pulses: Pulses;
  private joined: ReadonlySet<string> = new Set();
  private inventory: Inventory | null = null;
  private fitted = true;

  constructor(
    host: HTMLElement,
    private readonly texts: MapTexts,
    private readonly openTown: (town: Town) => void,
  ) {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.map = L.map(host, {
      attributionControl: false,
      zoomControl: false,
      zoomSnap: 0.1,
      minZoom: 8,
      maxZoom: 15,
      zoomAnimation: !calm,
      fadeAnimation: !calm,
      // One finger scrolls the page on a phone; two fingers move the map.
      dragging: !L.Browser.mobile,
      scrollWheelZoom: false,
    });
    this.map.setView([51.2, 8.15], 9);
    this.base = addBaseLayer(this.map);
    this.labels = addLabels(this.map);
    this.markers = new Markers(this.map, texts);
    this.pulses = new Pulses(this.map);
    this.addZoom();
    this.bindTowns();
    this.map.on('zoomstart dragstart', () => (this.fitted = false));
    const distance = (): void => void host.classList.toggle('far', this.map.getZoom() < farBelow);
    this.map.on('zoomend', distance);
    this.fit();
    distance();
  }

  update(inventory: Inventory): void {
    const before = this.inventory;
    this.inventory = inventory;
    this.markers.setGateways(inventory.gateways);
    if (before?.devices !== inventory.devices) this.markers.setDevices(inventory.devices);
    const joined = new Set<string>();
    for (const tenant of inventory.tenants) {
      const town = townOf(tenant);
      if (town) joined.add(town.ags);
    }
    if (joined.size === this.joined.size && [...joined].every((ags) => this.joined.has(ags))) return;
    this.joined = joined;
    for (const town of towns) {
      this.base.cellOf(town)?.getElement()?.classList.toggle('joined', joined.has(town.ags));
    }
    this.labels.setJoined(joined);
  }

  recolour(): void {
    if (this.inventory) this.markers.setDevices(this.inventory.devices);
  }

  // Where a frame came from: the device, else its town; and the gateway that heard it.
  pulse(frame: Frame): void {
    if (frame.type !== 'uplink' || !this.inventory) return;
    const device = frame.dev_eui ? this.inventory.devices.get(frame.dev_eui) : undefined;
    const gateway = this.inventory.gateways.find((g) => g.gateway_id === frame.gateway_id);
    const at = place(device?.location) ?? this.townPlace(frame.tenant) ?? place(gateway?.location);
    if (at) this.pulses.show(at, place(gateway?.location));
  }

  resized(): void {
    this.map.invalidateSize({ animate: false });
    if (this.fitted) this.fit();
  }

  remove(): void {
    this.map.remove();
  }

  private fit(): void {
    this.map.fitBounds(this.base.bounds, { animate: false, padding: [8, 8] });
    this.fitted = true;
  }

  private townPlace(name: string | undefined): L.LatLngTuple | null {
    const tenant = this.inventory?.tenants.find((t) => t.name === name);
    const town = tenant ? townOf(tenant) : undefined;
    return town ? [town.latitude, town.longitude] : null;
  }

  private bindTowns(): void {
    for (const town of towns) {
      const cell = this.base.cellOf(town);
      cell?.bindTooltip(() => tip(this.texts.town(town)), { sticky: true, direction: 'top', opacity: 1 });
      cell?.on('click', () => this.openTown(town));
    }
  }

  // Own buttons instead of Leaflet's: real buttons with names in the reader's language.
  private addZoom(): void {
    const control = new L.Control({ position: 'topright' });
    control.onAdd = () => {
      const box = L.DomUtil.create('div', 'map-zoom');
      const add = (label: string, sign: string, act: () => void): void => {
        const button = L.DomUtil.create('button', '', box);
        button.type = 'button';
        button.textContent = sign;
        button.title = label;
        button.setAttribute('aria-label', label);
        button.addEventListener('click', act);
      };
      add(this.texts.zoomIn, '+', () => this.map.zoomIn(0.75));
      add(this.texts.zoomOut, '−', () => this.map.zoomOut(0.75));
      add(this.texts.reset, '⤢', () => this.fit());
      L.DomEvent.disableClickPropagation(box);
      return box;
    };
    control.addTo(this.map);
  }
}

function place(location: { latitude: number; longitude: number } | null | undefined): L.LatLngTuple | null {
  return location ? [location.latitude, location.longitude] : null;
}

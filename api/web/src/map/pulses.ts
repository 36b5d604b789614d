import L from 'leaflet';

// The moment of an uplink: a ring at the sensor and a thread to the gateway that heard it, both gone after a second.
// Never more than `maxPulses` at once: at high rates the rest is left out, the counters tell the amount.
export const maxPulses = 48;
const lifetimeMs = 1_400;

export class Pulses {
  private alive = 0;

  constructor(private readonly map: L.Map) {}

  show(at: L.LatLngTuple, to: L.LatLngTuple | null): void {
    if (this.alive >= maxPulses || document.visibilityState === 'hidden') return;
    this.alive += 1;
    const layers: L.Layer[] = [
      L.marker(at, {
        icon: L.divIcon({ className: 'pulse', iconSize: [28, 28], iconAnchor: [14, 14] }),
        interactive: false,
        keyboard: false,
      }),
    ];
    if (to)
      layers.push(L.polyline([at, to], { className: 'link-line', weight: 1.5, interactive: false, pane: 'links' }));
    const group = L.layerGroup(layers).addTo(this.map);
    setTimeout(() => {
      group.remove();
      this.alive -= 1;
    }, lifetimeMs);
  }
}

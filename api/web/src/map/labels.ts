import L from 'leaflet';
import { rivers } from '../data/region';
import { towns } from '../data/towns';

// Names that never overlap: the towns that take part first, then by size; what finds no room at any side of its place
// waits for a closer zoom.
interface Label {
  element: HTMLElement;
  latLng: L.LatLng;
  weight: number;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const gap = 3;
const dotsReach = 15;

// The sides that are tried, the usual one first; only a town that takes part may try all.
function boxesAround(x: number, y: number, width: number, height: number): Box[] {
  const at = (left: number, top: number): Box => ({ left, top, right: left + width, bottom: top + height });
  return [
    at(x - width / 2, y + 7),
    at(x - width / 2, y - 7 - height),
    at(x + 10, y - height / 2),
    at(x - 10 - width, y - height / 2),
    at(x - width / 2, y + 20),
    at(x - width / 2, y - 22 - height),
    at(x + 24, y - height / 2),
    at(x - 24 - width, y - height / 2),
  ];
}

function dots(map: L.Map, latLng: L.LatLng): Box {
  const { x, y } = map.latLngToContainerPoint(latLng);
  return { left: x - dotsReach, right: x + dotsReach, top: y - dotsReach, bottom: y + dotsReach };
}

function overlap(a: Box, b: Box): boolean {
  return a.right + gap > b.left && a.left - gap < b.right && a.bottom > b.top && a.top < b.bottom;
}

export interface Labels {
  // Names of the towns that take part.
  setJoined(ags: ReadonlySet<string>): void;
}

export function addLabels(map: L.Map): Labels {
  map.createPane('labels').style.zIndex = '620';
  const pane = map.getPane('labels');
  if (pane) pane.style.pointerEvents = 'none';
  let joined: ReadonlySet<string> = new Set();
  const byTown = towns.map((town) => ({
    town,
    label: makeLabel(map, town.name, [town.latitude, town.longitude], 'town-label'),
  }));
  const byRiver = rivers.map((river) => ({
    label: makeLabel(map, river.name, river.course[Math.floor(river.course.length / 2)] ?? [0, 0], 'river-label'),
  }));

  const place = (): void => {
    for (const { town, label } of byTown) {
      label.weight = town.inhabitants + (joined.has(town.ags) ? 1000 : 0);
      label.element.classList.toggle('joined', joined.has(town.ags));
    }
    const taken: Box[] = [];
    const ordered = [
      ...byTown.map(({ label }) => label).sort((a, b) => b.weight - a.weight),
      ...byRiver.map(({ label }) => label),
    ];
    // All shown first, then measured together: one layout instead of one per label.
    for (const { element } of ordered) element.classList.remove('hidden');
    const sizes = ordered.map(({ element }) => [element.offsetWidth, element.offsetHeight] as const);
    let dotsTaken = false;
    ordered.forEach(({ element, latLng }, i) => {
      // After the towns that take part: nobody else writes over their sensors.
      if (!dotsTaken && !element.classList.contains('joined')) {
        dotsTaken = true;
        for (const { label } of byTown)
          if (label.element.classList.contains('joined')) taken.push(dots(map, label.latLng));
      }
      const [width = 0, height = 0] = sizes[i] ?? [];
      const at = map.latLngToContainerPoint(latLng);
      const sides = boxesAround(at.x, at.y, width, height).slice(0, element.classList.contains('joined') ? 8 : 1);
      const box = sides.find((side) => taken.every((other) => !overlap(side, other)));
      element.classList.toggle('hidden', !box);
      if (!box) return;
      taken.push(box);
      element.style.left = `${box.left - at.x}px`;
      element.style.top = `${box.top - at.y}px`;
    });
  };
  map.on('zoomend resize', place);
  map.whenReady(() => setTimeout(place, 0));
  return {
    setJoined(ags) {
      joined = ags;
      place();
    },
  };
}

function makeLabel(map: L.Map, name: string, at: readonly [number, number], className: string): Label {
  const element = document.createElement('span');
  element.className = `map-label ${className}`;
  element.textContent = name;
  const latLng = L.latLng(at[0], at[1]);
  L.marker(latLng, {
    icon: L.divIcon({ className: 'map-label-anchor', html: element, iconSize: [0, 0] }),
    interactive: false,
    keyboard: false,
    pane: 'labels',
  }).addTo(map);
  return { element, latLng, weight: 0 };
}

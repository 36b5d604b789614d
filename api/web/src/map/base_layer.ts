import L from 'leaflet';
import { outline, rivers } from '../data/region';
import { towns, type Town } from '../data/towns';
import { cells, groupBorders } from '../geo/voronoi';

// What never changes on the map: cells, borders between Kreise, rivers. Colours are classes of the style sheet.
export interface BaseLayer {
  bounds: L.LatLngBounds;
  cellOf(town: Town): L.Polygon | undefined;
}

// Larger towns reach further; in degrees of latitude.
const sites = towns.map((town) => ({ ...town, reach: 0.006 * Math.sqrt(town.inhabitants) }));

export function addBaseLayer(map: L.Map): BaseLayer {
  const polygons = cells(sites, outline);
  const byAgs = new Map<string, L.Polygon>();
  map.createPane('rivers').style.zIndex = '410';
  map.createPane('links').style.zIndex = '430';
  towns.forEach((town, i) => {
    const cell = L.polygon(polygons[i] ?? [], {
      className: `cell cell-${town.kreis}`,
      weight: 1,
      smoothFactor: 0,
      bubblingMouseEvents: false,
    });
    cell.addTo(map);
    byAgs.set(town.ags, cell);
  });
  const borders = groupBorders(
    sites,
    towns.map((town) => town.kreis),
    polygons,
  );
  L.polyline(borders, { className: 'border', weight: 1.6, interactive: false, smoothFactor: 0, pane: 'rivers' }).addTo(
    map,
  );
  L.polygon([...outline], {
    className: 'outline',
    fill: false,
    weight: 1.8,
    interactive: false,
    smoothFactor: 0,
    pane: 'rivers',
  }).addTo(map);
  for (const river of rivers) {
    L.polyline([...river.course], { className: 'river', weight: 2.4, interactive: false, pane: 'rivers' }).addTo(map);
  }
  return { bounds: L.latLngBounds([...outline]), cellOf: (town) => byAgs.get(town.ags) };
}

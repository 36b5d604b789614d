import type { Point } from '../data/region';

// Voronoi cells inside an outline, by clipping the outline with the bisector of each pair of sites. With 59 sites
// that is some 3,400 clips of a small polygon: far below a frame, so no triangulation is needed.

interface Flat {
  x: number;
  y: number;
}

export interface Site {
  latitude: number;
  longitude: number;
  // How far the cell reaches: borders shift away from the heavier site (a power diagram). In degrees of latitude.
  reach?: number;
}

// Degrees of longitude are shorter than degrees of latitude here.
const shrink = Math.cos((51.2 * Math.PI) / 180);

function flatten([latitude, longitude]: Point): Flat {
  return { x: longitude * shrink, y: latitude };
}

function unflatten({ x, y }: Flat): Point {
  return [y, x / shrink];
}

function siteFlat(site: Site): Flat {
  return flatten([site.latitude, site.longitude]);
}

// Positive where `p` is nearer to `a` than to `b`, by power distance.
function lead(p: Flat, a: Flat, ra: number, b: Flat, rb: number): number {
  const da = (p.x - a.x) ** 2 + (p.y - a.y) ** 2 - ra * ra;
  const db = (p.x - b.x) ** 2 + (p.y - b.y) ** 2 - rb * rb;
  return db - da;
}

function clip(polygon: Flat[], side: (p: Flat) => number): Flat[] {
  const result: Flat[] = [];
  polygon.forEach((to, index) => {
    const from = polygon[(index + polygon.length - 1) % polygon.length] ?? to;
    const a = side(from);
    const b = side(to);
    if (a >= 0 !== b >= 0) {
      const t = a / (a - b);
      result.push({ x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t });
    }
    if (b >= 0) result.push(to);
  });
  return result;
}

// One polygon per site, in the order of the sites; together they tile the outline.
export function cells(sites: readonly Site[], outline: readonly Point[]): Point[][] {
  const border = outline.map(flatten);
  const flat = sites.map(siteFlat);
  return sites.map((site, i) => {
    let polygon = border;
    sites.forEach((other, j) => {
      if (i === j || polygon.length === 0) return;
      const a = flat[i]!;
      const b = flat[j]!;
      polygon = clip(polygon, (p) => lead(p, a, site.reach ?? 0, b, other.reach ?? 0));
    });
    return polygon.map(unflatten);
  });
}

// The lines between cells of different groups.
export function groupBorders(
  sites: readonly Site[],
  groups: readonly string[],
  polygons: readonly Point[][],
): Point[][] {
  const flat = sites.map(siteFlat);
  const borders: Point[][] = [];
  polygons.forEach((polygon, i) => {
    polygon.forEach((to, index) => {
      const from = polygon[(index + polygon.length - 1) % polygon.length] ?? to;
      const a = flatten(from);
      const b = flatten(to);
      const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
      const own = flat[i]!;
      const shared = sites.some(
        (other, j) =>
          j > i &&
          groups[j] !== groups[i] &&
          Math.abs(lead(middle, own, sites[i]?.reach ?? 0, flat[j]!, other.reach ?? 0)) < 1e-7,
      );
      if (shared) borders.push([from, to]);
    });
  });
  return borders;
}

export function area(polygon: readonly Point[]): number {
  let sum = 0;
  polygon.forEach((point, index) => {
    const a = flatten(polygon[(index + polygon.length - 1) % polygon.length] ?? point);
    const b = flatten(point);
    sum += a.x * b.y - b.x * a.y;
  });
  return Math.abs(sum) / 2;
}

export function contains(polygon: readonly Point[], [latitude, longitude]: Point): boolean {
  let inside = false;
  polygon.forEach(([latB, lonB], index) => {
    const [latA, lonA] = polygon[(index + polygon.length - 1) % polygon.length] ?? [latB, lonB];
    if (latA > latitude !== latB > latitude && longitude < ((lonB - lonA) * (latitude - latA)) / (latB - latA) + lonA) {
      inside = !inside;
    }
  });
  return inside;
}

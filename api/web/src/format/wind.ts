import type { Key } from '../i18n';

const points = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const;

// The point of the compass that is nearest to a direction in degrees.
export function compassPoint(degrees: number): Key {
  const place = ((Math.round(degrees / 45) % points.length) + points.length) % points.length;
  return `wind.point.${points[place] ?? 'n'}`;
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

// WCAG AA: text on its ground has at least 4.5:1, drawn lines and borders of controls 3:1, in both colour schemes.
const css = readFileSync('src/styles/base.css', 'utf8');
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');

function colours(block: string): Map<string, string> {
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1] ?? '', match[2] ?? '']));
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const pairs: [ink: string, ground: string, least: number][] = [
  ...['bg', 'surface', 'surface-2'].flatMap((ground): [string, string, number][] => [
    ['ink', ground, 4.5],
    ['ink-2', ground, 4.5],
    ['accent', ground, 4.5],
    ['line-strong', ground, 3],
  ]),
  ['on-accent', 'accent', 4.5],
  ['accent', 'accent-2', 4.5],
  ['warn-ink', 'warn-bg', 4.5],
  ['bad', 'bad-bg', 4.5],
  ['bad', 'surface', 4.5],
  ['ok', 'surface', 4.5],
  ['plot', 'surface', 3],
  ['plot-bar', 'surface', 3],
  ['device', 'surface', 3],
  ...['air-1', 'air-2', 'air-3', 'air-4', 'air-5'].map((air): [string, string, number] => [air, 'surface', 3]),
];

for (const [scheme, own] of [
  ['light', colours(light)],
  ['dark', new Map([...colours(light), ...colours(dark)])],
] as const) {
  test(`contrast, ${scheme}`, () => {
    for (const [ink, ground, least] of pairs) {
      const found = contrast(own.get(ink) ?? '#000000', own.get(ground) ?? '#000000');
      assert.ok(found >= least, `${ink} on ${ground}: ${found.toFixed(2)} < ${least}`);
    }
  });
}

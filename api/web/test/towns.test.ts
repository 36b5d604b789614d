import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outline } from '../src/data/region';
import { townOf, towns } from '../src/data/towns';
import { area, cells, contains, groupBorders } from '../src/geo/voronoi';

const sites = towns.map((town) => ({ ...town, reach: 0.006 * Math.sqrt(town.inhabitants) }));

test('the region has its 59 municipalities, each once, each inside the outline', () => {
  assert.equal(towns.length, 59);
  assert.equal(new Set(towns.map(({ ags }) => ags)).size, 59);
  assert.equal(new Set(towns.map(({ name }) => name)).size, 59);
  for (const town of towns) assert.ok(contains(outline, [town.latitude, town.longitude]), town.name);
  const inhabitants = towns.reduce((sum, town) => sum + town.inhabitants, 0);
  assert.ok(Math.abs(inhabitants - 1380) < 60, String(inhabitants));
});

test('the AGS begins with the number of its Kreis and follows the alphabet', () => {
  const prefixes = { HSK: '05958', MK: '05962', OE: '05966', SI: '05970', SO: '05974' };
  for (const town of towns) assert.ok(town.ags.startsWith(prefixes[town.kreis]), town.name);
  assert.equal(towns.find(({ name }) => name === 'Menden')?.ags, '05962040');
  assert.equal(towns.find(({ name }) => name === 'Olpe')?.ags, '05966024');
});

test('a tenant finds its town by AGS, else by its plain name', () => {
  assert.equal(townOf({ name: 'x', ags: '05974040' })?.name, 'Soest');
  assert.equal(townOf({ name: 'bad-berleburg' })?.name, 'Bad Berleburg');
  assert.equal(townOf({ name: 'luedenscheid', ags: null })?.name, 'Lüdenscheid');
  assert.equal(townOf({ name: 'krefeld' }), undefined);
});

test('cells tile the outline', () => {
  const polygons = cells(sites, outline);
  const whole = area(outline);
  const sum = polygons.reduce((total, polygon) => total + area(polygon), 0);
  assert.ok(Math.abs(sum - whole) / whole < 1e-6, `${sum} of ${whole}`);
  polygons.forEach((polygon, i) => {
    const town = towns[i];
    assert.ok(town && contains(polygon, [town.latitude, town.longitude]), town?.name);
  });
});

test('Kreis borders run between cells of different Kreise only', () => {
  const polygons = cells(sites, outline);
  const groups = towns.map(({ kreis }) => kreis);
  assert.ok(groupBorders(sites, groups, polygons).length > 20);
  assert.deepEqual(
    groupBorders(
      sites,
      groups.map(() => 'one'),
      polygons,
    ),
    [],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AirDay, MouldDay, RoomAir } from '../src/api/indoors';
import { co2Level, dampOf, weekOf } from '../src/format/indoors';

const open = (minutes: [number, number, number], known: number, highest: number | null): AirDay => ({
  date: '2026-11-24',
  holiday: null,
  open: true,
  open_minutes: 480,
  known_minutes: known,
  classes: (['harmless', 'conspicuous', 'unacceptable'] as const).map((level, i) => ({
    level,
    minutes: minutes[i] ?? 0,
    share: null,
  })),
  highest_45min: highest,
});
const room = (days: AirDay[]): RoomAir => ({ dev_eui: 'a', device: 'b', days });

test('the bounds of carbon dioxide belong to the middle class', () => {
  assert.deepEqual([999, 1000, 2000, 2001].map(co2Level), ['harmless', 'conspicuous', 'conspicuous', 'unacceptable']);
});

test('a week is of its known opening time, days together and not their means', () => {
  const week = weekOf(
    room([
      open([480, 0, 0], 480, 900),
      open([0, 60, 60], 120, 2150.5),
      { date: '2026-11-28', holiday: null, open: false },
    ]),
  );
  assert.deepEqual(week.shares, { harmless: 0.8, conspicuous: 0.1, unacceptable: 0.1 });
  assert.deepEqual([week.known, week.open, week.highest], [600, 960, 2150.5]);
  assert.equal(week.valid, false, '600 of 960 minutes are less than three quarters');
  assert.equal(weekOf(room([open([480, 0, 0], 480, null), open([240, 0, 0], 240, null)])).valid, true, 'three quarters');
});

test('nothing known is no share, and a closed week is not valid', () => {
  assert.equal(weekOf(room([open([0, 0, 0], 0, null)])).shares, null);
  assert.deepEqual(weekOf(room([])), { shares: null, known: 0, open: 0, highest: null, valid: false });
});

test('one valid day at risk is a risk; that there is none needs all days', () => {
  const day = (risk: boolean, valid: boolean): MouldDay => ({
    date: '2026-11-24',
    possible_hours: 24,
    hours: valid ? 24 : 10,
    critical_hours: risk ? 12 : 1,
    risk,
    valid,
  });
  assert.equal(dampOf([]), null);
  assert.deepEqual(dampOf([day(false, true), day(true, true)]), { risk: true, criticalHours: 13, hours: 48, possible: 48, valid: true });
  assert.equal(dampOf([day(false, true), day(false, false)])?.valid, false);
  assert.equal(dampOf([day(true, false)])?.valid, false);
});

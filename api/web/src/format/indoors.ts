import type { AirDay, Co2Level, MouldDay, RoomAir } from '../api/indoors';

// The classes of carbon dioxide indoors of the Umweltbundesamt, in ppm: from where on they begin.
export const co2Levels: readonly { level: Co2Level; from: number }[] = [
  { level: 'harmless', from: 0 },
  { level: 'conspicuous', from: 1000 },
  { level: 'unacceptable', from: 2000 },
];

// The bounds belong to the middle class: above 2000 is unacceptable.
export function co2Level(ppm: number): Co2Level {
  return ppm > 2000 ? 'unacceptable' : ppm >= 1000 ? 'conspicuous' : 'harmless';
}

export interface RoomWeek {
  shares: Record<Co2Level, number> | null; // null: nothing is known
  known: number; // minutes
  open: number;
  highest: number | null; // ppm, mean of 45 minutes
  valid: boolean;
}

const enough = 0.75;

// A room's opening hours of several days as one; days on which it was closed do not count.
export function weekOf(room: RoomAir): RoomWeek {
  const days = room.days.filter(({ open }) => open);
  const sum = (of: (day: AirDay) => number): number => days.reduce((all, day) => all + of(day), 0);
  const known = sum((day) => day.known_minutes ?? 0);
  const open = sum((day) => day.open_minutes ?? 0);
  const minutes = (level: Co2Level): number =>
    sum((day) => day.classes?.find((one) => one.level === level)?.minutes ?? 0);
  const highest = days.flatMap(({ highest_45min: one }) => (one === null || one === undefined ? [] : [one]));
  return {
    shares:
      known === 0
        ? null
        : {
            harmless: minutes('harmless') / known,
            conspicuous: minutes('conspicuous') / known,
            unacceptable: minutes('unacceptable') / known,
          },
    known,
    open,
    highest: highest.length > 0 ? Math.max(...highest) : null,
    valid: open > 0 && known >= enough * open,
  };
}

export interface Damp {
  risk: boolean;
  criticalHours: number;
  hours: number;
  possible: number;
  valid: boolean;
}

// What the days say of mould: one at risk is enough; that there is none is only sure when each day is.
export function dampOf(days: readonly MouldDay[]): Damp | null {
  if (days.length === 0) return null;
  const sum = (of: (day: MouldDay) => number): number => days.reduce((all, day) => all + of(day), 0);
  const risk = days.some((day) => day.risk);
  return {
    risk,
    criticalHours: sum((day) => day.critical_hours),
    hours: sum((day) => day.hours),
    possible: sum((day) => day.possible_hours),
    valid: risk ? days.some((day) => day.risk && day.valid) : days.every((day) => day.valid),
  };
}

import { getAll, getJson } from './client';

// What the server makes of rooms: their air, their damp walls, how they are used.
export type Co2Level = 'harmless' | 'conspicuous' | 'unacceptable';

export interface AirDay {
  date: string;
  holiday: string | null;
  open: boolean;
  // Absent on a day on which the room is closed.
  open_minutes?: number;
  known_minutes?: number;
  classes?: { level: Co2Level; minutes: number; share: number | null }[];
  highest_45min?: number | null;
  valid?: boolean | null;
}

export interface RoomAir {
  dev_eui: string;
  device: string;
  days: AirDay[];
}

export interface MouldDay {
  date: string;
  possible_hours: number;
  hours: number;
  critical_hours: number;
  risk: boolean;
  valid: boolean;
}

export interface RoomMould {
  dev_eui: string;
  days: MouldDay[];
}

export interface RoomUse {
  dev_eui: string;
  device: string;
  proxy: boolean; // CO2 stands for presence
  occupancy: number | null;
  coverage: number | null;
}

export interface Rooms {
  days: {
    date: string;
    open_rooms: number;
    occupancy: number | null;
    coverage: number | null;
    peak: { start: string; occupied: number; share: number | null } | null;
  }[];
  items: RoomUse[];
}

interface Place {
  tenant: string;
  site: string;
  from: string;
}

const pageOf = 20; // at most, of devices with days
const most = 100;

export async function indoorAirOf(place: Place, signal: AbortSignal): Promise<RoomAir[]> {
  return (await getAll<RoomAir>('indoor-air', { ...place, limit: pageOf }, most, { signal, timeoutMs: 30_000 })).items;
}

export async function mouldOf(place: Place, signal: AbortSignal): Promise<RoomMould[]> {
  return (await getAll<RoomMould>('mould', { ...place, limit: pageOf }, most, { signal, timeoutMs: 30_000 })).items;
}

export function roomsOf(place: Place, signal: AbortSignal): Promise<Rooms> {
  return getJson<Rooms>('rooms', { ...place }, { signal });
}

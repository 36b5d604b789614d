import type { LiveEvent } from './types';

// What came over the stream in this tab: the newest first, bounded; older frames are dropped and counted.
export const maxFrames = 400;

export interface Frame extends LiveEvent {
  serial: number;
  arrived: number;
}

type Listener = (frame: Frame) => void;

const listeners = new Set<Listener>();
let frames: Frame[] = [];
let serial = 0;

export function publish(event: LiveEvent): void {
  serial += 1;
  const frame: Frame = { ...event, serial, arrived: Date.now() };
  frames.unshift(frame);
  if (frames.length > maxFrames * 1.25) frames = frames.slice(0, maxFrames);
  for (const listener of [...listeners]) listener(frame);
}

export function recentFrames(): readonly Frame[] {
  return frames.slice(0, maxFrames);
}

export function framesReceived(): number {
  return serial;
}

export function onFrame(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// Alerts come by the same stream, and are no frames.
const alertListeners = new Set<() => void>();

export function publishAlert(): void {
  for (const listener of [...alertListeners]) listener();
}

export function onAlert(listener: () => void): () => void {
  alertListeners.add(listener);
  return () => alertListeners.delete(listener);
}

// Another token may see less: what the former one saw goes.
export function forgetFrames(): void {
  frames = [];
}

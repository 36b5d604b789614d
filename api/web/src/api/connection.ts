import { createStore } from '../store';
import { token } from '../session';
import { ApiError, getJson } from './client';
import { backoffMs } from './backoff';
import { LiveSocket } from './live';
import { forgetFrames, publish, publishAlert } from './frames';
import type { Status } from './types';

// connecting: nothing known yet.  live: stream and answers.  polling: answers, but no stream.
// offline: the server does not answer.  unauthorised: it wants another token.
export type Phase = 'connecting' | 'live' | 'polling' | 'offline' | 'unauthorised';

export interface Connection {
  phase: Phase;
  since: number;
  retryAt: number | null;
}

// A server that is gone shows within five seconds, also when it answers nothing at all.
export const probeEveryMs = 2_500;
export const probeTimeoutMs = 2_000;

export const connection = createStore<Connection>({ phase: 'connecting', since: Date.now(), retryAt: null });
export const status = createStore<Status | null>(null);
export const lastAnswer = createStore<number | null>(null);

let attempt = 0;
let socketAttempt = 0;
let socketNotBefore = 0;
let streamOpen = false;
let lastMessage = 0;
let probing = false;
let again = false;
let timer: ReturnType<typeof setTimeout> | undefined;

const live = new LiveSocket({
  opened() {
    streamOpen = true;
    socketAttempt = 0;
    lastMessage = Date.now();
    enter('live');
  },
  closed() {
    streamOpen = false;
    socketNotBefore = Date.now() + backoffMs(socketAttempt++);
    void probe();
  },
  event(event) {
    lastMessage = Date.now();
    if (event.type === 'alert') publishAlert();
    else publish(event);
  },
});

function enter(phase: Phase, retryAt: number | null = null): void {
  const before = connection.get();
  if (before.phase === phase && before.retryAt === retryAt) return;
  connection.set({ phase, retryAt, since: before.phase === phase ? before.since : Date.now() });
}

function schedule(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void probe(), ms);
}

async function probe(): Promise<void> {
  if (probing) {
    again = true;
    return;
  }
  probing = true;
  const started = Date.now();
  try {
    const answer = await getJson<Status>('status', {}, { timeoutMs: probeTimeoutMs });
    attempt = 0;
    status.set(answer);
    lastAnswer.set(Date.now());
    if (!live.active && Date.now() >= socketNotBefore) live.open('now');
    enter(
      streamOpen ? 'live' : connection.get().phase === 'connecting' && socketAttempt === 0 ? 'connecting' : 'polling',
    );
    schedule(probeEveryMs);
  } catch (error) {
    failed(error, started);
  } finally {
    probing = false;
    if (again) {
      again = false;
      schedule(0);
    }
  }
}

function failed(error: unknown, started: number): void {
  if (error instanceof ApiError && error.unauthorised) {
    live.close();
    streamOpen = false;
    enter('unauthorised');
    clearTimeout(timer);
    return;
  }
  // A busy server may answer late while its stream flows: that is not a lost connection.
  if (streamOpen && lastMessage > started) {
    schedule(probeEveryMs);
    return;
  }
  const wait = backoffMs(attempt++);
  enter('offline', Date.now() + wait);
  schedule(wait);
}

export function retryNow(): void {
  attempt = 0;
  socketNotBefore = 0;
  void probe();
}

export function startConnection(): void {
  token.subscribe(() => {
    live.close();
    streamOpen = false;
    socketAttempt = 0;
    forgetFrames();
    enter('connecting');
    retryNow();
  });
  window.addEventListener('online', retryNow);
  window.addEventListener('offline', () => void probe());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void probe();
  });
  void probe();
}

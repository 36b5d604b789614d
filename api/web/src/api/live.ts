import { token } from '../session';
import type { LiveEvent } from './types';

const types = 'uplink,join,reception,ack,txack,status,log,alert';

export interface LiveHandlers {
  opened(): void;
  closed(): void;
  event(event: LiveEvent): void;
}

// One WebSocket on /v1/live. It does not reconnect by itself: the connection decides when (see connection.ts).
export class LiveSocket {
  private socket: WebSocket | null = null;

  constructor(private readonly handlers: LiveHandlers) {}

  get active(): boolean {
    return this.socket !== null;
  }

  open(from: string): void {
    this.close();
    const socket = new WebSocket(liveUrl(document.baseURI, token.get(), from));
    this.socket = socket;
    socket.onopen = () => this.socket === socket && this.handlers.opened();
    socket.onmessage = (message) => {
      if (this.socket !== socket || typeof message.data !== 'string') return;
      for (const event of parseLines(message.data)) this.handlers.event(event);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.handlers.closed();
    };
  }

  close(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}

export function liveUrl(base: string, bearer: string, from: string): string {
  const url = new URL('v1/live', base);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  url.search = new URLSearchParams({ type: types, from, ...(bearer ? { token: bearer } : {}) }).toString();
  return url.toString();
}

// A message is one JSON line; several lines and broken ones do no harm.
export function parseLines(text: string): LiveEvent[] {
  const events: LiveEvent[] = [];
  for (const line of text.split('\n')) {
    if (!line.trim()) continue;
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null && typeof (value as LiveEvent).type === 'string') {
        events.push(value as LiveEvent);
      }
    } catch {
      // Not ours to repair: the next line stands for itself.
    }
  }
  return events;
}

import { createStore } from '../store';
import { token } from '../session';
import { getAll, getJson } from './client';
import { onFrame } from './frames';
import { connection } from './connection';
import type { Device, Gateway, Items, Location, Tenant } from './types';

// Names and places that several views need: tenants, gateways and (without their values) devices. Loaded in the
// background, bounded, renewed slowly; a device that is not in it simply shows its EUI.
export interface KnownDevice {
  dev_eui: string;
  name: string;
  tenant: string;
  site: string | null;
  location: Location | null;
}

export interface Inventory {
  tenants: Tenant[];
  gateways: Gateway[];
  devices: Map<string, KnownDevice>;
  complete: boolean;
  loaded: boolean;
}

export const maxKnownDevices = 12_000;
const smallEveryMs = 20_000;
const devicesEveryMs = 300_000;
const soonestMs = 15_000;

const empty: Inventory = { tenants: [], gateways: [], devices: new Map(), complete: true, loaded: false };
export const inventory = createStore<Inventory>(empty);

let devicesAt = 0;
let unknownSeen = false;
let running = false;

async function loadSmall(): Promise<void> {
  const [tenants, gateways] = await Promise.all([
    getJson<Items<Tenant>>('tenants'),
    getJson<Items<Gateway>>('gateways'),
  ]);
  inventory.set({ ...inventory.get(), tenants: tenants.items, gateways: gateways.items, loaded: true });
}

// The first time each page is shown as it comes; later the old list stays until the new one is whole.
async function loadDevices(): Promise<void> {
  const bearer = token.get();
  const devices = new Map<string, KnownDevice>();
  const first = inventory.get().devices.size === 0;
  const take = (items: readonly Device[]): void => {
    for (const { dev_eui, name, tenant, site, location } of items) {
      devices.set(dev_eui, { dev_eui, name, tenant, site, location });
    }
    if (first && bearer === token.get()) inventory.set({ ...inventory.get(), devices: new Map(devices) });
  };
  const query = { limit: 1000 };
  const { complete } = await getAll<Device>('devices', query, maxKnownDevices, { timeoutMs: 30_000 }, take);
  if (bearer === token.get()) inventory.set({ ...inventory.get(), devices, complete });
}

async function renew(): Promise<void> {
  const { phase } = connection.get();
  if (running || phase === 'offline' || phase === 'unauthorised' || document.visibilityState === 'hidden') return;
  running = true;
  const bearer = token.get();
  try {
    await loadSmall();
    const age = Date.now() - devicesAt;
    if (age > devicesEveryMs || (unknownSeen && age > soonestMs)) {
      devicesAt = Date.now();
      unknownSeen = false;
      await loadDevices();
    }
  } catch {
    // The connection's own state tells the reader; the next round tries again.
  } finally {
    running = false;
    if (bearer !== token.get()) void restart();
  }
}

async function restart(): Promise<void> {
  inventory.set(empty);
  devicesAt = 0;
  await renew();
}

export function startInventory(): void {
  setInterval(() => void renew(), smallEveryMs);
  token.subscribe(() => void restart());
  let before = connection.get().phase;
  connection.subscribe(({ phase }) => {
    if (phase !== before && (phase === 'live' || phase === 'polling')) void renew();
    before = phase;
  });
  onFrame((frame) => {
    if (frame.dev_eui && !unknownSeen && !inventory.get().devices.has(frame.dev_eui)) {
      unknownSeen = inventory.get().complete;
      if (unknownSeen && Date.now() - devicesAt > soonestMs) void renew();
    }
  });
  void renew();
}

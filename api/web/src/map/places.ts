import type { KnownDevice } from '../api/inventory';

// The sensors that stand at one spot: usually those of a site, for a device's place is its site's.
export interface DevicePlace {
  latitude: number;
  longitude: number;
  tenant: string;
  site: string | null;
  devices: KnownDevice[];
}

export function placesOf(devices: Iterable<KnownDevice>): DevicePlace[] {
  const places = new Map<string, DevicePlace>();
  for (const device of devices) {
    if (!device.location) continue;
    const { latitude, longitude } = device.location;
    const key = `${latitude},${longitude},${device.tenant}`;
    const place = places.get(key);
    if (place) place.devices.push(device);
    else places.set(key, { latitude, longitude, tenant: device.tenant, site: device.site, devices: [device] });
  }
  return [...places.values()];
}

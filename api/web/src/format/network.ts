// What the page says of radio links: the figures of /v1/network as people read them.

export const spreadingFactors = [7, 8, 9, 10, 11, 12] as const;

export interface FactorShare {
  factor: number;
  count: number;
  share: number;
}

// Shares of transmissions by spreading factor; nothing when there were none.
export function factorShares(counts: readonly number[]): FactorShare[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return [];
  return spreadingFactors.map((factor, i) => ({ factor, count: counts[i] ?? 0, share: (counts[i] ?? 0) / all }));
}

// The factor that a device used most; of two alike the faster one.
export function usualFactor(counts: readonly number[]): number | null {
  const most = Math.max(0, ...counts);
  return most === 0 ? null : (spreadingFactors[counts.indexOf(most)] ?? null);
}

export type Health = 'good' | 'fair' | 'poor';

// Thresholds of display only: they colour a number and change none.
export function lossHealth(loss: number | null): Health | null {
  if (loss === null) return null;
  return loss > 0.1 ? 'poor' : loss > 0.03 ? 'fair' : 'good';
}

export function marginHealth(margin: number | null): Health | null {
  if (margin === null) return null;
  return margin < 3 ? 'poor' : margin < 8 ? 'fair' : 'good';
}

export function availabilityHealth(availability: number | null): Health | null {
  if (availability === null) return null;
  return availability < 0.95 ? 'poor' : availability < 0.99 ? 'fair' : 'good';
}

// How much of the hour's permitted time on the air is used up.
export function dutyHealth(used: number | null): Health | null {
  if (used === null) return null;
  return used >= 0.9 ? 'poor' : used >= 0.5 ? 'fair' : 'good';
}

// The share of what it heard that belongs to other networks.
export function foreignShare(gateway: { frames: number; foreign_frames: number }): number | null {
  const all = gateway.frames + gateway.foreign_frames;
  return all === 0 ? null : gateway.foreign_frames / all;
}

// The sub-band of which most is used up.
export function fullestBand<B extends { used: number | null }>(bands: readonly B[]): B | null {
  return bands.reduce<B | null>((most, band) => (band.used !== null && band.used > (most?.used ?? 0) ? band : most), null);
}

// Waiting times of repeated attempts: doubling, with a cap, and a random share so that a hundred open pages do not
// return in the same instant after the server restarts.
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const step = Math.min(10_000, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(step * (0.75 + 0.5 * random()));
}

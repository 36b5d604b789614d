// The scale goes as far as the next threshold, if the values have come half way to it: the others would only press
// them flat.
export function reaching(
  low: number | null,
  high: number | null,
  lines: readonly { value: number }[],
): [number | null, number | null] {
  if (low === null || high === null) return [low, high];
  const above = lines.map(({ value }) => value).filter((value) => value > high);
  const next = above.length > 0 ? Math.min(...above) : null;
  return [low, next !== null && high >= next / 2 ? next : high];
}

// Room above and below, and no microscope on a flat line.
export function padded(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const middle = (low + high) / 2;
  const span = Math.max(high - low, Math.abs(middle) * 0.02, 1e-6);
  return [middle - span * 0.58, middle + span * 0.58];
}

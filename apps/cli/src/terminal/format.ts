/** Numbers, times and durations as the command line prints them. */

export function formatCount(value: number): string {
  return value.toLocaleString('en-GB');
}

/** `2024-01-31 12:00`, UTC. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** `2d 4h`: the two largest units. */
export function formatDuration(ms: number): string {
  const parts = UNITS.map(([unit, size], index) => {
    const larger = UNITS[index - 1]?.[1];
    return [Math.floor((larger === undefined ? ms : ms % larger) / size), unit] as const;
  });
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return `${String(Math.round(ms / 1000))}s`;
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${String(count)}${unit}`)
    .join(' ');
}

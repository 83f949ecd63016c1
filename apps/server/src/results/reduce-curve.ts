/** Curves made coarser for charts: of each stretch the first, lowest, highest and last point are kept, so that no peak and no trough is lost. */

/** Positions to keep of `values[from, to)`, rising, at most about `points`. */
export function chooseExtremes(values: readonly number[], { from, to, points }: { from: number; to: number; points: number }): number[] {
  const length = to - from;
  if (length <= points) return Array.from({ length: Math.max(0, length) }, (_, index) => from + index);
  const stretches = Math.max(1, Math.floor(points / 4));
  const kept = new Set<number>();
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const first = from + Math.floor((stretch * length) / stretches);
    const end = from + Math.floor(((stretch + 1) * length) / stretches);
    for (const position of findExtremes(values, first, end)) kept.add(position);
  }
  return [...kept].sort((left, right) => left - right);
}

function findExtremes(values: readonly number[], first: number, end: number): readonly number[] {
  let [lowest, highest] = [first, first];
  for (let position = first; position < end; position += 1) {
    if ((values[position] ?? 0) < (values[lowest] ?? 0)) lowest = position;
    if ((values[position] ?? 0) > (values[highest] ?? 0)) highest = position;
  }
  return [first, lowest, highest, end - 1];
}

/** The first position whose value is not below `wanted`; `sorted` rises. */
export function findFirstFrom(sorted: readonly number[], wanted: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Latencies as counts per step: millions of them in little memory, and those of several processes added together. */

export interface Histogram {
  readonly stepMs: number;
  /** How often each step was met; the last one holds everything beyond it. */
  readonly counts: number[];
}

const STEPS = 600_000;

export function createHistogram(stepMs: number): Histogram {
  return { stepMs, counts: [] };
}

export function record({ stepMs, counts }: Histogram, ms: number): void {
  const step = Math.min(STEPS, Math.max(0, Math.floor(ms / stepMs)));
  for (let next = counts.length; next <= step; next += 1) counts.push(0);
  counts[step] = (counts[step] ?? 0) + 1;
}

export function merge(histograms: readonly Histogram[]): Histogram {
  const merged = createHistogram(histograms[0]?.stepMs ?? 1);
  for (const { counts } of histograms) {
    counts.forEach((count, step) => {
      for (let next = merged.counts.length; next <= step; next += 1) merged.counts.push(0);
      merged.counts[step] = (merged.counts[step] ?? 0) + count;
    });
  }
  return merged;
}

export function countOf({ counts }: Histogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Milliseconds that a share of all latencies stays within: the upper end of the step that holds it. NaN of nothing. */
export function quantile(histogram: Histogram, share: number): number {
  const rank = Math.ceil(countOf(histogram) * share);
  let seen = 0;
  for (const [step, count] of histogram.counts.entries()) {
    seen += count;
    if (seen >= rank && seen > 0) return (step + 1) * histogram.stepMs;
  }
  return Number.NaN;
}

/** Share of all latencies that stays within so many milliseconds. */
export function shareWithin(histogram: Histogram, ms: number): number {
  const within = histogram.counts.slice(0, Math.floor(ms / histogram.stepMs)).reduce((sum, count) => sum + count, 0);
  return within / countOf(histogram);
}

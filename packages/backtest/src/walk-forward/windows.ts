/** The windows of a walk-forward analysis: where parameters are searched (train), and the stretch after it where they are tried (test). */
import { AppError } from '@quantbot/core';

/** Months are calendar months in UTC; the rest is time. */
export interface Duration {
  readonly months: number;
  readonly ms: number;
}

export interface WindowRules {
  /** Half-open range of candle openings. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly train: Duration;
  readonly test: Duration;
  /** From one window to the next; default: the length of the test, so that tests follow each other without overlap. */
  readonly step?: Duration;
  /** Left out between train and test, so that nothing that began in one is known in the other. */
  readonly gap?: Duration;
  /** `rolling`: the train window keeps its length; `anchored`: it always begins at `fromMs`. */
  readonly mode: 'rolling' | 'anchored';
}

export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface WalkForwardWindow {
  /** From 1. */
  readonly number: number;
  readonly train: TimeSpan;
  readonly test: TimeSpan;
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };
const UNITS_MONTHS: Readonly<Record<string, number>> = { mo: 1, y: 12 };
const MAX_WINDOWS = 1_000;

/** `90d`, `12w`, `36h`, `3mo`, `1y`. Throws USAGE that names `field`. */
export function parseDuration(field: string, text: string): Duration {
  const { count, unit } = /^(?<count>\d{1,6})\s*(?<unit>mo|[mhdwy])$/.exec(text.trim())?.groups ?? {};
  const value = Number(count);
  if (count === undefined || unit === undefined || value === 0) {
    throw new AppError('USAGE', `${field}: expected a length of time such as 90d, 12w, 3mo or 1y; found "${text}"`);
  }
  return { months: value * (UNITS_MONTHS[unit] ?? 0), ms: value * (UNITS_MS[unit] ?? 0) };
}

/** The same day and time some months later; the last day of a month that is too short. */
export function addDuration(timeMs: number, { months, ms }: Duration, times = 1): number {
  const date = new Date(timeMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months * times);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return date.getTime() + ms * times;
}

/**
 * All windows whose test is over by `toMs`, in order; what is left at the end is too short to test on. Counted from the start, not from
 * window to window, so that the 31st of a month does not become the 28th for good. Throws INVALID_REQUEST if not even one fits.
 */
export function splitWindows(rules: WindowRules): readonly WalkForwardWindow[] {
  const { fromMs, toMs, train, test, step = test, gap = { months: 0, ms: 0 }, mode } = rules;
  const windows: WalkForwardWindow[] = [];
  for (let index = 0; index < MAX_WINDOWS; index += 1) {
    const start = addDuration(fromMs, step, index);
    const trainEnd = addDuration(start, train);
    const testStart = addDuration(trainEnd, gap);
    const testEnd = addDuration(testStart, test);
    if (testEnd > toMs) break;
    windows.push({
      number: index + 1,
      train: { fromMs: mode === 'anchored' ? fromMs : start, toMs: trainEnd },
      test: { fromMs: testStart, toMs: testEnd },
    });
  }
  if (windows.length > 0) return windows;
  const days = Math.floor((toMs - fromMs) / 86_400_000);
  const needed = Math.ceil((addDuration(addDuration(addDuration(fromMs, train), gap), test) - fromMs) / 86_400_000);
  throw new AppError(
    'INVALID_REQUEST',
    `walk-forward: expected room for at least one train and one test window, ${String(needed)} days; found ${String(days)} days of data. Use shorter windows or a longer range`,
    { details: { days, needed_days: needed } },
  );
}

/** For tests: a clock on which waiting takes no time, and which remembers how long it was waited. */
import { requireGoingOn, type Clock } from '../http/clock.ts';

export interface ManualClock extends Clock {
  readonly waitsMs: number[];
}

export function createManualClock(startMs = Date.UTC(2025, 0, 1)): ManualClock {
  let atMs = startMs;
  const waitsMs: number[] = [];
  return {
    waitsMs,
    nowMs: () => atMs,
    async wait(ms, signal) {
      requireGoingOn(signal);
      waitsMs.push(ms);
      atMs += ms;
    },
  };
}

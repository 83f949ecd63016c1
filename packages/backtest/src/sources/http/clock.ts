/** The time and waiting for it, handed in so that an hour of rate limits passes at once in tests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@quantbot/core';

export interface Clock {
  /** Unix milliseconds. */
  readonly nowMs: () => number;
  /** CANCELLED when the signal comes first. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function createClock(nowMs: () => number): Clock {
  return {
    nowMs,
    async wait(ms, signal) {
      await sleep(ms, undefined, { signal }).catch(() => undefined);
      requireGoingOn(signal);
    },
  };
}

export function requireGoingOn(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('CANCELLED', 'stopped before everything was fetched');
}

/** Every wait for a worker has a limit: until it is ready, until it answers, and, for trials, from the moment they begin. */
import { AppError } from '@quantbot/core';
import type { EngineWorker } from './engine-worker.ts';

export interface Limits {
  readonly startTimeoutMs: number;
  readonly timeoutMs: number;
  /** If given: replaces `timeoutMs` once the worker has begun to compute, so that loading does not count. */
  readonly computeTimeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface Deadlines {
  /** The worker has reported for the first time that it computes. */
  beginCompute(): void;
  stop(): void;
}

/** Ends the worker's process tree when a limit passes (ENGINE_TIMEOUT) or the work is cancelled (CANCELLED). */
export function watchDeadlines(worker: EngineWorker, { startTimeoutMs, timeoutMs, computeTimeoutMs, signal }: Limits): Deadlines {
  const endAfter = (limitMs: number, message: string): NodeJS.Timeout =>
    setTimeout(() => {
      worker.kill(new AppError('ENGINE_TIMEOUT', message, { details: { limitMs } }));
    }, limitMs);
  const startTimer = endAfter(startTimeoutMs, `the engine was not ready after ${toSeconds(startTimeoutMs)} and was ended`);
  const stopStartTimer = (): void => {
    clearTimeout(startTimer);
  };
  worker.ready.then(stopStartTimer, stopStartTimer);
  let timer = endAfter(timeoutMs, `the engine did not answer within ${toSeconds(timeoutMs)} and was ended; allow more time or make the search smaller`);
  let isComputing = false;
  const onAbort = (): void => {
    worker.kill(toCancelled());
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    beginCompute() {
      if (isComputing || computeTimeoutMs === undefined) return;
      isComputing = true;
      clearTimeout(timer);
      timer = endAfter(computeTimeoutMs, `the trial took longer than ${toSeconds(computeTimeoutMs)} and was ended`);
    },
    stop() {
      clearTimeout(timer);
      stopStartTimer();
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

export function toCancelled(): AppError {
  return new AppError('CANCELLED', 'the work was cancelled before it was done');
}

function toSeconds(ms: number): string {
  return `${String(ms / 1000)} s`;
}

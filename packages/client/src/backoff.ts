/** Waiting between attempts: longer each time, and not the same for everybody, so that clients of a server that comes back do not arrive at once. */
import { AppError } from '@quantbot/core';

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** `attempt`: 1 after the first failure. Half of the time is left to chance; no result depends on it. */
export function toBackoffMs(attempt: number): number {
  const longestMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  const [chance = 0] = globalThis.crypto.getRandomValues(new Uint32Array(1));
  return longestMs / 2 + ((longestMs / 2) * chance) / 2 ** 32;
}

/** Rejects with CANCELLED as soon as the signal says so. */
export function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(toCancelled());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export function toCancelled(cause?: unknown): AppError {
  return new AppError('CANCELLED', 'the call was ended before the server answered', { cause });
}

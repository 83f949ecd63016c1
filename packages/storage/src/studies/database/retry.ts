/** Tries again what failed for a reason that passes: a lost connection, a database that another process holds. */
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

export interface RetryPolicy {
  isTransient(error: unknown): boolean;
  /** No new attempt is begun when this much time has passed since the first. */
  readonly limitMs: number;
}

/** The last failure is thrown when the limit is reached. `attempt` counts from 0. */
export async function retryTransient<T>(policy: RetryPolicy, action: (attempt: number) => Promise<T>): Promise<T> {
  const begunMs = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await action(attempt);
    } catch (error) {
      if (!policy.isTransient(error)) throw error;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
      if (performance.now() - begunMs + pauseMs > policy.limitMs) throw error;
      // Between half and the whole of it, so that processes that failed together do not come back together.
      await wait(randomInt(Math.ceil(pauseMs / 2), pauseMs + 1));
    }
  }
}

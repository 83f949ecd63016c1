/** How often one key may do a thing, however many addresses it calls from. */
import { AppError } from '@quantbot/core';

interface Limit {
  readonly what: string;
  readonly max: number;
  readonly windowMs: number;
}

export interface KeyLimit {
  /** Throws RATE_LIMITED when the key has had its share of this window. */
  take(keyId: string): void;
}

export function createKeyLimit({ what, max, windowMs }: Limit, nowMs: () => number): KeyLimit {
  let window = Number.NaN;
  const taken = new Map<string, number>();
  return {
    take(keyId) {
      const current = Math.floor(nowMs() / windowMs);
      if (current !== window) taken.clear();
      window = current;
      const count = (taken.get(keyId) ?? 0) + 1;
      taken.set(keyId, count);
      if (count <= max) return;
      throw new AppError('RATE_LIMITED', `this key has sent more than ${String(max)} ${what}; wait a moment`, { details: { limit: max } });
    },
  };
}

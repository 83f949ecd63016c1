/** Guessing keys: after so many failures within a minute an address is not listened to until the minute is over. */
const MAX_FAILURES = 10;
const WINDOW_MS = 60_000;
/** An attacker with many addresses must not fill the memory. */
const MAX_ADDRESSES = 10_000;

export interface Lockout {
  isLocked(address: string): boolean;
  recordFailure(address: string): void;
}

export function createLockout(nowMs: () => number): Lockout {
  const failures = new Map<string, number[]>();
  const recent = (address: string): number[] => (failures.get(address) ?? []).filter((at) => at > nowMs() - WINDOW_MS);
  return {
    isLocked: (address) => recent(address).length >= MAX_FAILURES,
    recordFailure(address) {
      const list = [...recent(address), nowMs()].slice(-MAX_FAILURES);
      failures.delete(address);
      failures.set(address, list);
      const [oldest] = failures.keys();
      if (failures.size > MAX_ADDRESSES && oldest !== undefined) failures.delete(oldest);
    },
  };
}

import { describe, expect, it } from 'vitest';
import { countUsuallyClosed } from './count-closed.ts';

const HOUR_S = 3600;
/** A Monday, midnight in UTC. */
const MONDAY_S = Date.UTC(2024, 0, 1) / 1000;

/** Hours of so many weeks at which `isOpen` holds, by day of the week (0: Monday) and hour. */
function toHours(weeks: number, isOpen: (day: number, hour: number, week: number) => boolean): BigInt64Array {
  const hours = Array.from({ length: weeks * 168 }, (_, index) => index);
  const open = hours.filter((index) => isOpen(Math.floor(index / 24) % 7, index % 24, Math.floor(index / 168)));
  return BigInt64Array.from(open, (index) => BigInt(MONDAY_S + index * HOUR_S));
}

describe('missing candles of a market that closes', () => {
  it('are those of weekends for currencies', () => {
    expect(
      countUsuallyClosed(
        toHours(10, (day) => day < 5),
        HOUR_S,
      ),
    ).toBe(9 * 48);
  });

  it('are those of nights and weekends for stocks', () => {
    const stamps = toHours(10, (day, hour) => day < 5 && hour >= 14 && hour < 21);
    expect(countUsuallyClosed(stamps, HOUR_S)).toBe(9 * 168 + 4 * 24 + 7 - 50 * 7);
  });

  it('do not hold a holiday or a hole of the data', () => {
    expect(
      countUsuallyClosed(
        toHours(10, (day, _hour, week) => day < 5 && !(week === 3 && day === 2)),
        HOUR_S,
      ),
    ).toBe(9 * 48);
    expect(
      countUsuallyClosed(
        toHours(10, (_day, hour, week) => week !== 4 || hour < 12),
        HOUR_S,
      ),
    ).toBe(0);
  });

  it('cannot be told in less than four weeks', () => {
    expect(
      countUsuallyClosed(
        toHours(3, (day) => day < 5),
        HOUR_S,
      ),
    ).toBe(0);
    expect(countUsuallyClosed(new BigInt64Array(0), HOUR_S)).toBe(0);
  });
});

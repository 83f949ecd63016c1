import { describe, expect, it } from 'vitest';
import { joinCandles } from './join-candles.ts';

const HOUR = 3600;

function market(hours: number): Parameters<typeof joinCandles>[0] {
  const prices = Float64Array.from({ length: hours }, (_, hour) => 100 + (hour % 7));
  return {
    timestamp: BigInt64Array.from({ length: hours }, (_, hour) => BigInt(hour * HOUR)),
    open: prices,
    high: prices.map((price) => price + 1),
    low: prices.map((price) => price - 1),
    close: prices.map((price) => price + 0.5),
    volume: prices.map(() => 2),
  };
}

describe('candles for a chart', () => {
  it('are shown as they are when they are few enough', () => {
    const { time, interval_s: intervalS, open } = joinCandles(market(5), { fromS: 0, toS: Infinity, intervalS: HOUR, limit: 10 });
    expect([time.length, intervalS, open]).toEqual([5, HOUR, [100, 101, 102, 103, 104]]);
  });

  it('are joined to longer ones that keep highs, lows and volume', () => {
    const joined = joinCandles(market(1_000), { fromS: 0, toS: Infinity, intervalS: HOUR, limit: 100 });
    expect(joined.time.length).toBeLessThanOrEqual(100);
    expect(joined.interval_s % HOUR).toBe(0);
    expect([Math.max(...joined.high), Math.min(...joined.low)]).toEqual([107, 99]);
    expect(joined.volume.reduce((sum, volume) => sum + volume, 0)).toBe(2_000);
    expect([joined.open[0], joined.close.at(-1)]).toEqual([100, 100 + (999 % 7) + 0.5]);
  });

  it('begin and end where they were asked to', () => {
    const { time, candles_total: total } = joinCandles(market(100), { fromS: 10 * HOUR, toS: 20 * HOUR, intervalS: HOUR, limit: 50 });
    expect([time[0], time.at(-1), total]).toEqual([10 * HOUR, 19 * HOUR, 10]);
  });
});

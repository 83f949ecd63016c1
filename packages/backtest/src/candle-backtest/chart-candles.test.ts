import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CandleColumns, TimeRange } from '@quantbot/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeSlice } from '../slice/write-slice.ts';
import { readChartCandles } from './chart-candles.ts';
import { inventCandles } from './invent-candles.ts';
import type { ChartCandles } from './outcome.ts';

const EVERYTHING: TimeRange = { from_ms: null, to_ms: null };
const HOUR_S = 3600;

describe('the candles of a chart', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'quantbot-chart-test-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  const chart = async (range: TimeRange, ...markets: CandleColumns[]): Promise<readonly ChartCandles[]> => {
    const series = markets.map((candles, index) => ({ name: `S${String(index)}`, intervalS: HOUR_S, candles }));
    return readChartCandles(await writeSlice(dir, { series, calls: () => [] }), range, { intervalS: HOUR_S, symbols: markets.length });
  };

  it('are those of the backtest when a screen can show them', async () => {
    const [first, second] = [inventCandles({ candles: 10_000 }), inventCandles({ candles: 20, seed: 2 })];
    expect(await chart(EVERYTHING, first, second)).toEqual([
      { symbol: 'S0', intervalS: HOUR_S, candles: first },
      { symbol: 'S1', intervalS: HOUR_S, candles: second },
    ]);
  });

  it.each([
    [10_001, 2 * HOUR_S],
    [90_000, 12 * HOUR_S],
    [2_000_000, 201 * HOUR_S],
  ])('%i of them become 10,000 at most, and the last price stays', async (count, intervalS) => {
    const fine = inventCandles({ candles: count, volatility: 0.0001 });
    const [drawn] = await chart(EVERYTHING, fine);
    expect(drawn?.intervalS).toBe(intervalS);
    expect(drawn?.candles.timestamp.length).toBeLessThanOrEqual(10_000);
    expect(drawn?.candles.close.at(-1)).toBe(fine.close.at(-1));
    expect(Math.max(...(drawn?.candles.high ?? []))).toBe(fine.high.reduce((a, b) => Math.max(a, b)));
  });

  it('are fewer each where there are many symbols', async () => {
    const drawn = await chart(EVERYTHING, ...Array.from({ length: 10 }, (_, seed) => inventCandles({ candles: 5000, seed })));
    expect(new Set(drawn.map(({ intervalS }) => intervalS))).toEqual(new Set([2 * HOUR_S]));
  });

  it('begin with the range, not with its warm-up', async () => {
    const fine = inventCandles({ candles: 100 });
    const [drawn] = await chart({ from_ms: Number(fine.timestamp[40]) * 1000, to_ms: null }, fine);
    expect(drawn?.candles.timestamp).toEqual(fine.timestamp.subarray(40));
  });
});

describe('invented candles', () => {
  it('are candles, and the same ones every time', () => {
    const { open, high, low, close } = inventCandles();
    expect(inventCandles().close).toEqual(close);
    expect(inventCandles({ seed: 2 }).close).not.toEqual(close);
    const isCandle = close.every((price, row) => {
      const [top, bottom] = [Math.max(open[row] ?? 0, price), Math.min(open[row] ?? 0, price)];
      return (high[row] ?? 0) >= top && (low[row] ?? 0) <= bottom && bottom > 0;
    });
    expect(isCandle).toBe(true);
  });
});

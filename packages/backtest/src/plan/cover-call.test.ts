import type { CandleColumns } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { coverCall, toCandleRange } from './cover-call.ts';

const MINUTE_MS = 60_000;
const HOLD_MINUTES = 20;

/** One-minute candles that open at the given minutes. */
function candlesAt(...minutes: number[]): CandleColumns {
  const flat = Float64Array.from(minutes, () => 1);
  return {
    timestamp: BigInt64Array.from(minutes, (minute) => BigInt(minute * 60)),
    open: flat,
    high: flat,
    low: flat,
    close: flat,
    volume: flat,
  };
}

function cover(callMinute: number, candles: CandleColumns, dataEndMinute = 10_000) {
  return coverCall(callMinute * MINUTE_MS, HOLD_MINUTES * MINUTE_MS, { candles, intervalS: 60, dataEndMs: dataEndMinute * MINUTE_MS });
}

const everyMinute = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('the coverage of a call', () => {
  it('is full when candles cover the whole horizon', () => {
    expect(cover(10, candlesAt(...everyMinute(0, 60)))).toEqual({ status: 'full' });
  });

  it('is missing when the instrument has no candles', () => {
    expect(cover(10, candlesAt())).toEqual({ status: 'missing', reason: 'no_candles' });
  });

  it('is missing when the candles end before the call', () => {
    expect(cover(100, candlesAt(...everyMinute(0, 60)))).toEqual({ status: 'missing', reason: 'no_entry' });
  });

  it('is partial and too new when all data ends inside the horizon', () => {
    expect(cover(50, candlesAt(...everyMinute(0, 60)), 60)).toEqual({
      status: 'partial',
      reason: 'too_new',
      coveredMs: 10 * MINUTE_MS,
      horizonMs: 20 * MINUTE_MS,
    });
  });

  it('is partial with a missing range when only this instrument ends early', () => {
    expect(cover(50, candlesAt(...everyMinute(0, 60)))).toMatchObject({ status: 'partial', reason: 'missing_range' });
  });

  it('is partial with a missing range when there is a long hole inside the horizon', () => {
    expect(cover(10, candlesAt(...everyMinute(0, 15), ...everyMinute(25, 60)))).toMatchObject({
      status: 'partial',
      reason: 'missing_range',
      coveredMs: 10 * MINUTE_MS,
    });
  });

  it('is full in a thin market that skips a few candles', () => {
    expect(cover(10, candlesAt(...everyMinute(0, 15), ...everyMinute(16, 60)))).toEqual({ status: 'full' });
  });

  it('counts time, not candles: hourly candles cover what sixty one-minute candles cover', () => {
    const hours = candlesAt(0, 60, 120, 180);
    expect(coverCall(0, 120 * MINUTE_MS, { candles: hours, intervalS: 3600, dataEndMs: 0 })).toEqual({ status: 'full' });
  });

  it('is partial when the first candle comes long after the call', () => {
    expect(cover(0, candlesAt(...everyMinute(10, 60)))).toMatchObject({ status: 'partial', reason: 'missing_range' });
  });
});

describe('the candles a call can touch', () => {
  it('begin with the first candle at or after the call and end with the first at or after the deadline', () => {
    expect(toCandleRange(candlesAt(...everyMinute(0, 60)).timestamp, 10 * MINUTE_MS - 1, 20 * MINUTE_MS)).toEqual({ start: 10, end: 31 });
  });

  it('include the candle after a hole that swallows the deadline', () => {
    expect(toCandleRange(candlesAt(0, 1, 2, 50, 51).timestamp, 0, 10 * MINUTE_MS)).toEqual({ start: 0, end: 4 });
  });

  it('include a candle after the entry even when the holding time is shorter than a candle', () => {
    expect(toCandleRange(candlesAt(0, 1, 2).timestamp, 0, 1)).toEqual({ start: 0, end: 2 });
  });

  it('are none when the data ends before the call', () => {
    expect(toCandleRange(candlesAt(0, 1).timestamp, 5 * MINUTE_MS, MINUTE_MS)).toEqual({ start: 2, end: 2 });
  });
});

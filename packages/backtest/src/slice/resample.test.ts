import type { CandleColumns } from '@quantbot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resampleCandles, toBucket } from './resample.ts';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const WEEK_S = 7 * DAY_S;
const MONDAY_S = Date.UTC(2024, 0, 1) / 1000;

/** Candles at these openings whose prices tell them apart. */
function candlesAt(openings: readonly number[]): CandleColumns {
  const price = (row: number): number => 100 + ((row * 7919) % 50);
  const columns = openings.map((_, row) => ({ open: price(row), close: price(row + 1) }));
  return {
    timestamp: BigInt64Array.from(openings, BigInt),
    open: Float64Array.from(columns, ({ open }) => open),
    high: Float64Array.from(columns, ({ open, close }) => Math.max(open, close) + 1),
    low: Float64Array.from(columns, ({ open, close }) => Math.min(open, close) - 1),
    close: Float64Array.from(columns, ({ close }) => close),
    volume: Float64Array.from(columns, (_, row) => row + 1),
  };
}

function cut(candles: CandleColumns, rows: number): CandleColumns {
  const { timestamp, open, high, low, close, volume } = candles;
  return {
    timestamp: timestamp.slice(0, rows),
    open: open.slice(0, rows),
    high: high.slice(0, rows),
    low: low.slice(0, rows),
    close: close.slice(0, rows),
    volume: volume.slice(0, rows),
  };
}

const hours = (count: number, fromS = MONDAY_S): number[] => Array.from({ length: count }, (_, index) => fromS + index * HOUR_S);
const openings = ({ timestamp }: CandleColumns): string[] =>
  [...timestamp].map((stamp) => new Date(Number(stamp) * 1000).toISOString().slice(0, 16));

/** Hourly candles with random holes, not necessarily from the beginning of a bucket. */
const holed = fc
  .tuple(fc.integer({ min: 0, max: 100 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 120 }))
  .map(([first, steps]) => {
    let hour = first;
    return candlesAt(steps.map((step) => MONDAY_S + (hour += step) * HOUR_S));
  });
const coarser = fc.constantFrom(2 * HOUR_S, 4 * HOUR_S, DAY_S, WEEK_S);

describe('resampling candles', () => {
  it('takes the first open, the highest high, the lowest low, the last close and all volume', () => {
    const fine = candlesAt(hours(4));
    const { timestamp, open, high, low, close, volume } = resampleCandles(fine, { fromS: HOUR_S, toS: 4 * HOUR_S });
    expect([...timestamp]).toEqual([BigInt(MONDAY_S)]);
    expect({ open: [...open], high: [...high], low: [...low], close: [...close], volume: [...volume] }).toEqual({
      open: [fine.open[0]],
      high: [Math.max(...fine.high)],
      low: [Math.min(...fine.low)],
      close: [fine.close[3]],
      volume: [10],
    });
  });

  it('leaves out the last candle until the data reaches its end', () => {
    const toFourHours = (count: number): string[] => openings(resampleCandles(candlesAt(hours(count)), { fromS: HOUR_S, toS: 4 * HOUR_S }));
    expect(toFourHours(7)).toEqual(['2024-01-01T00:00']);
    expect(toFourHours(8)).toEqual(['2024-01-01T00:00', '2024-01-01T04:00']);
    expect(toFourHours(3)).toEqual([]);
  });

  it('begins weeks on Monday and days at midnight UTC', () => {
    const fine = candlesAt(hours(24 * 16, MONDAY_S - DAY_S));
    expect(openings(resampleCandles(fine, { fromS: HOUR_S, toS: WEEK_S }))).toEqual([
      '2023-12-25T00:00',
      '2024-01-01T00:00',
      '2024-01-08T00:00',
    ]);
    expect(openings(resampleCandles(fine, { fromS: HOUR_S, toS: DAY_S }))[0]).toBe('2023-12-31T00:00');
  });

  it('fills no hole', () => {
    const fine = candlesAt([...hours(4), ...hours(4, MONDAY_S + DAY_S)]);
    expect(openings(resampleCandles(fine, { fromS: HOUR_S, toS: 4 * HOUR_S }))).toEqual(['2024-01-01T00:00', '2024-01-02T00:00']);
  });

  it.each([
    ['a length that is no whole multiple', HOUR_S, 5400],
    ['a finer length', HOUR_S, 900],
  ])('refuses %s', (_what, fromS, toS) => {
    expect(() => resampleCandles(candlesAt(hours(4)), { fromS, toS })).toThrow(/whole multiple/);
  });

  it('refuses a candle that would tell its close before its end', () => {
    expect(() => resampleCandles(candlesAt([MONDAY_S + 23.5 * HOUR_S]), { fromS: HOUR_S, toS: DAY_S })).toThrow(/lies in two 1d candles/);
  });

  it('never changes a candle when later data arrives', () => {
    fc.assert(
      fc.property(holed, coarser, fc.nat(), (fine, toS, at) => {
        const rows = at % (fine.timestamp.length + 1);
        const all = resampleCandles(fine, { fromS: HOUR_S, toS });
        const early = resampleCandles(cut(fine, rows), { fromS: HOUR_S, toS });
        expect(early).toEqual(cut(all, early.timestamp.length));
      }),
    );
  });

  it('knows at its end exactly what the fine candles in it have told', () => {
    fc.assert(
      fc.property(holed, coarser, (fine, toS) => {
        const coarse = resampleCandles(fine, { fromS: HOUR_S, toS });
        const fineRows = [...fine.timestamp].map((stamp, row) => ({ stamp: Number(stamp), row }));
        coarse.timestamp.forEach((stamp, index) => {
          const own = fineRows.filter((each) => toBucket(each.stamp, toS) === Number(stamp));
          expect(own.every((each) => each.stamp >= Number(stamp) && each.stamp + HOUR_S <= Number(stamp) + toS)).toBe(true);
          expect(coarse.high[index]).toBe(Math.max(...own.map(({ row }) => fine.high[row] ?? NaN)));
          expect(coarse.low[index]).toBe(Math.min(...own.map(({ row }) => fine.low[row] ?? NaN)));
          expect(coarse.close[index]).toBe(fine.close[own.at(-1)?.row ?? -1]);
        });
      }),
    );
  });

  it('gives the same in one step and in two', () => {
    fc.assert(
      fc.property(holed, (fine) => {
        const inTwo = resampleCandles(resampleCandles(fine, { fromS: HOUR_S, toS: 4 * HOUR_S }), { fromS: 4 * HOUR_S, toS: DAY_S });
        const inOne = resampleCandles(fine, { fromS: HOUR_S, toS: DAY_S });
        // The end of the data may be inside a four-hour candle that is not over, so two steps may know one candle less.
        expect(inTwo.timestamp.length).toBeGreaterThanOrEqual(inOne.timestamp.length - 1);
        const { open, high, low, close } = cut(inOne, inTwo.timestamp.length);
        expect({ open: inTwo.open, high: inTwo.high, low: inTwo.low, close: inTwo.close }).toEqual({ open, high, low, close });
      }),
    );
  });
});

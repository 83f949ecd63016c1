/** Candles to a coarser interval without look-ahead: a coarse candle is made of fine ones that lie in it entirely, and only once it is over. */
import { AppError, toIntervalLabel, type CandleColumns } from '@quantbot/core';

const WEEK_S = 604_800;
/** 5 January 1970, the first Monday of Unix time. */
const FIRST_MONDAY_S = 345_600;

export interface Resampling {
  readonly fromS: number;
  readonly toS: number;
  /** For drawing, where nothing looks ahead: keeps a last candle that is not over, and counts a fine candle where it opens. */
  readonly isForDrawing?: boolean;
}

/** Whether candles of `fromS` seconds make whole ones of `toS` seconds. */
export function canResample({ fromS, toS }: Resampling): boolean {
  return toS >= fromS && toS % fromS === 0;
}

/** Opening time of the coarse candle that `timestamp` lies in: weeks begin on Monday, everything else is counted from the epoch in UTC. */
export function toBucket(timestamp: number, intervalS: number): number {
  const offset = intervalS % WEEK_S === 0 ? FIRST_MONDAY_S : 0;
  return Math.floor((timestamp - offset) / intervalS) * intervalS + offset;
}

/**
 * Coarse candles, stamped with their opening times like all candles. Where no fine candle is, no coarse one is made. The last one is
 * left out unless the data reaches its end. Throws USAGE if `toS` is not a whole multiple of `fromS`, INVALID_MARKET_DATA for a fine
 * candle that lies in two coarse ones: its close would be known too early.
 */
export function resampleCandles(fine: CandleColumns, resampling: Resampling): CandleColumns {
  const { fromS, toS } = resampling;
  if (!canResample(resampling)) {
    throw new AppError('USAGE', `expected a whole multiple of the stored ${toIntervalLabel(fromS)} candles, found ${toIntervalLabel(toS)}`);
  }
  if (fromS === toS) return fine;
  const firstRows = findFirstRows(fine.timestamp, resampling);
  // One more than there are coarse candles: the row after the last of them.
  const count = Math.max(0, firstRows.length - 1);
  const coarse = {
    timestamp: new BigInt64Array(count),
    open: new Float64Array(count),
    high: new Float64Array(count),
    low: new Float64Array(count),
    close: new Float64Array(count),
    volume: new Float64Array(count),
  };
  for (let index = 0; index < count; index += 1) {
    const [from, to] = [firstRows[index] ?? 0, firstRows[index + 1] ?? 0];
    coarse.timestamp[index] = BigInt(toBucket(Number(fine.timestamp[from]), toS));
    coarse.open[index] = fine.open[from] ?? 0;
    coarse.high[index] = fine.high.subarray(from, to).reduce((highest, price) => Math.max(highest, price), -Infinity);
    coarse.low[index] = fine.low.subarray(from, to).reduce((lowest, price) => Math.min(lowest, price), Infinity);
    coarse.close[index] = fine.close[to - 1] ?? 0;
    coarse.volume[index] = fine.volume.subarray(from, to).reduce((sum, volume) => sum + volume, 0);
  }
  return coarse;
}

/** The first row of each coarse candle that is over, and the row after the last of them; empty if none is. */
function findFirstRows(timestamp: BigInt64Array, { fromS, toS, isForDrawing = false }: Resampling): readonly number[] {
  const rows: number[] = [];
  let bucket = -Infinity;
  let endS = -Infinity;
  timestamp.forEach((stamp, row) => {
    const opening = Number(stamp);
    const own = toBucket(opening, toS);
    endS = opening + fromS;
    if (endS > own + toS && !isForDrawing) refuseStraddling(opening, { fromS, toS });
    if (own > bucket) rows.push(row);
    bucket = own;
  });
  if (endS >= bucket + toS || isForDrawing) rows.push(timestamp.length);
  return rows.length > 1 ? rows : [];
}

function refuseStraddling(openingS: number, { fromS, toS }: Resampling): never {
  const time = new Date(openingS * 1000).toISOString();
  throw new AppError(
    'INVALID_MARKET_DATA',
    `the ${toIntervalLabel(fromS)} candle at ${time} lies in two ${toIntervalLabel(toS)} candles, so it cannot be part of either; expected candles that open at whole multiples of their length, ask for ${toIntervalLabel(fromS)} instead`,
  );
}

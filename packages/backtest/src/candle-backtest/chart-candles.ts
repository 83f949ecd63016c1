/** The candles of a backtest for a chart: those in its range, made coarser until they are few enough to draw. */
import type { CandleColumns, SliceRef, TimeRange } from '@quantbot/core';
import { readSliceSeries } from '../slice/read-series.ts';
import { resampleCandles, toBucket } from '../slice/resample.ts';
import type { ChartCandles } from './outcome.ts';

/** A chart of this many candles opens and zooms without delay (measured in Chromium: 0.4 MB of the page). */
const MOST_CANDLES = 10_000;
/** A page of many symbols stays small enough to be sent around. */
const MOST_IN_ALL = 30_000;
const FEWEST_EACH = 3000;
const USUAL_INTERVALS_S = [60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 604_800];

interface Drawn {
  readonly intervalS: number;
  /** How many there are. */
  readonly symbols: number;
}

/** One chart a series, in the order of the slice. */
export async function readChartCandles(slice: SliceRef, range: TimeRange, drawn: Drawn): Promise<readonly ChartCandles[]> {
  const { intervalS, symbols } = drawn;
  const most = Math.max(FEWEST_EACH, Math.min(MOST_CANDLES, Math.floor(MOST_IN_ALL / symbols)));
  const charts: ChartCandles[] = [];
  for await (const { name, candles } of readSliceSeries(slice)) {
    const shown = cutTo(candles, range);
    const toS = chooseInterval(shown.timestamp, intervalS, most);
    charts.push({ symbol: name, intervalS: toS, candles: resampleCandles(shown, { fromS: intervalS, toS, isForDrawing: true }) });
  }
  return charts;
}

function cutTo(candles: CandleColumns, { from_ms: fromMs }: TimeRange): CandleColumns {
  const found = fromMs === null ? 0 : candles.timestamp.findIndex((stamp) => Number(stamp) * 1000 >= fromMs);
  const from = Math.max(0, found);
  return {
    timestamp: candles.timestamp.subarray(from),
    open: candles.open.subarray(from),
    high: candles.high.subarray(from),
    low: candles.low.subarray(from),
    close: candles.close.subarray(from),
    volume: candles.volume.subarray(from),
  };
}

/** The finest usual interval with few enough candles; beyond a week, as many times the interval as it takes. */
function chooseInterval(timestamp: BigInt64Array, intervalS: number, most: number): number {
  if (timestamp.length <= most) return intervalS;
  const usual = USUAL_INTERVALS_S.filter((toS) => toS > intervalS && toS % intervalS === 0);
  for (const toS of usual) if (countBuckets(timestamp, toS) <= most) return toS;
  const spanned = (Number(timestamp.at(-1)) - Number(timestamp[0])) / intervalS;
  // One bucket more than fits can begin and end inside the span.
  return Math.ceil((spanned + 1) / (most - 1)) * intervalS;
}

function countBuckets(timestamp: BigInt64Array, intervalS: number): number {
  let count = 0;
  let last = -Infinity;
  for (const stamp of timestamp) {
    const bucket = toBucket(Number(stamp), intervalS);
    if (bucket !== last) count += 1;
    last = bucket;
  }
  return count;
}

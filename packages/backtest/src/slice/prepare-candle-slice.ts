/** From symbols, an interval and a range of time to a slice of candles: resampled if need be, and not read at all when the same was asked of the same data before. */
import { createHash } from 'node:crypto';
import {
  AppError,
  SliceRefSchema,
  toIntervalLabel,
  type CandleColumns,
  type CandleSeriesSummary,
  type SliceRef,
  type TimeRange,
} from '@quantbot/core';
import { z } from 'zod';
import type { SeriesOrigin } from '../candle-backtest/outcome.ts';
import { chooseStoredSeries } from './choose-stored-series.ts';
import { countUsuallyClosed } from './count-closed.ts';
import { findKept, keepPlan } from './kept-plan.ts';
import type { SliceRoom } from './prepare-slice.ts';
import { resampleCandles } from './resample.ts';
import { writeSlice, type SliceSeriesInput } from './write-slice.ts';

export const DEFAULT_WARM_UP_CANDLES = 1000;
/** Raised when the same question gets another slice: slices of other versions are not found. */
const PLAN_VERSION = 2;

export interface CandleSliceRequest {
  readonly symbols: readonly string[];
  readonly intervalS: number;
  /** Half-open range of candle openings; undefined: as far as the data goes. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Candles before `fromMs`, as far as they are there (default 1,000). */
  readonly warmUpCandles?: number;
}

export interface PreparedCandleSlice {
  readonly slice: SliceRef;
  /** In the order asked for; a symbol has the name that the catalogue gives it. */
  readonly series: readonly SeriesOrigin[];
  readonly range: TimeRange;
}

const KeptSchema = z.object({
  slice: SliceRefSchema,
  series: z.array(
    z.object({
      symbol: z.string(),
      storedIntervalS: z.number(),
      contentHash: z.string(),
      candles: z.number(),
      firstTimestamp: z.number(),
      lastTimestamp: z.number(),
      missingCandles: z.number(),
      usuallyClosed: z.number(),
    }),
  ),
});

/** Throws NO_CANDLES for an unknown symbol, an interval that cannot be made, or a range without candles; USAGE; DISK_FULL. */
export async function prepareCandleSlice(room: SliceRoom, request: CandleSliceRequest): Promise<PreparedCandleSlice> {
  const chosen = chooseStoredSeries(await room.catalogue.listSeries(), request.symbols, request.intervalS);
  if (chosen.length === 0) throw new AppError('USAGE', 'expected at least one symbol');
  const range: TimeRange = { from_ms: request.fromMs ?? null, to_ms: request.toMs ?? null };
  const key = toKey(request, chosen);
  const kept = await findKept(room.slicesDir, key, KeptSchema);
  if (kept !== undefined) return { ...kept, range };
  for (const one of chosen) refuseOutside(one, request);

  const series: SeriesOrigin[] = [];
  const written = await writeSlice(room.slicesDir, { series: readSeries(room, { request, chosen, series }), calls: () => [] });
  const slice = { path: written.path, id: written.id };
  await keepPlan(room.slicesDir, key, { slice, series });
  return { slice, series, range };
}

function toKey({ intervalS, fromMs, toMs, warmUpCandles }: CandleSliceRequest, chosen: readonly CandleSeriesSummary[]): string {
  const asked = ['candles', PLAN_VERSION, intervalS, fromMs ?? null, toMs ?? null, warmUpCandles ?? DEFAULT_WARM_UP_CANDLES];
  const found = chosen.map(({ instrument, intervalS: storedS, contentHash }) => [instrument, storedS, contentHash]);
  return createHash('sha256')
    .update(JSON.stringify([asked, found]))
    .digest('hex')
    .slice(0, 32);
}

interface Reading {
  readonly request: CandleSliceRequest;
  readonly chosen: readonly CandleSeriesSummary[];
  /** Filled while the series are read. */
  readonly series: SeriesOrigin[];
}

async function* readSeries({ catalogue }: SliceRoom, { request, chosen, series }: Reading): AsyncIterable<SliceSeriesInput> {
  const keys = chosen.map(({ instrument, intervalS }) => ({ instrument, intervalS }));
  for await (const { key, candles } of catalogue.readCandles(keys)) {
    const stored = chosen[series.length];
    if (stored === undefined) return;
    const cut = cutToRange(resampleCandles(candles, { fromS: key.intervalS, toS: request.intervalS }), request);
    if (cut === undefined) refuseRange(stored, request);
    series.push(describe(stored, cut, request.intervalS));
    yield { name: key.instrument, intervalS: request.intervalS, candles: cut };
  }
}

/** undefined: no candle opens in the range. */
function cutToRange(
  candles: CandleColumns,
  { fromMs, toMs, warmUpCandles = DEFAULT_WARM_UP_CANDLES }: CandleSliceRequest,
): CandleColumns | undefined {
  const first = fromMs === undefined ? 0 : findRow(candles.timestamp, fromMs);
  const end = toMs === undefined ? candles.timestamp.length : findRow(candles.timestamp, toMs);
  if (first >= end) return undefined;
  const from = Math.max(0, first - warmUpCandles);
  return {
    timestamp: candles.timestamp.subarray(from, end),
    open: candles.open.subarray(from, end),
    high: candles.high.subarray(from, end),
    low: candles.low.subarray(from, end),
    close: candles.close.subarray(from, end),
    volume: candles.volume.subarray(from, end),
  };
}

/** The first row that opens at or after a time, found by halving. */
function findRow(timestamp: BigInt64Array, ms: number): number {
  let [low, high] = [0, timestamp.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Number(timestamp[middle]) * 1000 < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

function describe(
  { instrument, intervalS: storedIntervalS, contentHash }: CandleSeriesSummary,
  { timestamp }: CandleColumns,
  intervalS: number,
): SeriesOrigin {
  const [firstTimestamp, lastTimestamp] = [Number(timestamp[0]), Number(timestamp.at(-1))];
  const spanned = Math.floor((lastTimestamp - firstTimestamp) / intervalS) + 1;
  const missingCandles = Math.max(0, spanned - timestamp.length);
  const usuallyClosed = missingCandles === 0 ? 0 : countUsuallyClosed(timestamp, intervalS);
  const origin = { symbol: instrument, storedIntervalS, contentHash, firstTimestamp, lastTimestamp };
  return { ...origin, candles: timestamp.length, missingCandles, usuallyClosed };
}

/** What the catalogue's summary already tells saves reading the candles. */
function refuseOutside(one: CandleSeriesSummary, request: CandleSliceRequest): void {
  const { fromMs = -Infinity, toMs = Infinity } = request;
  if (fromMs >= toMs) throw new AppError('USAGE', `expected a range that begins before it ends, found ${toRangeText(request)}`);
  const endMs = (one.lastTimestamp + one.intervalS) * 1000;
  if (fromMs >= endMs || toMs <= one.firstTimestamp * 1000) refuseRange(one, request);
}

function refuseRange(one: CandleSeriesSummary, request: CandleSliceRequest): never {
  const stored = `${one.rows.toLocaleString('en-GB')} ${toIntervalLabel(one.intervalS)} candles`;
  const coverage = `${toTimeText(one.firstTimestamp * 1000)} to ${toTimeText(one.lastTimestamp * 1000)}`;
  throw new AppError(
    'NO_CANDLES',
    `${one.instrument} has no whole ${toIntervalLabel(request.intervalS)} candle ${toRangeText(request)} (UTC): its ${stored} go from ${coverage}; choose a range within that, or import more`,
    { details: { symbol: one.instrument, firstTimestamp: one.firstTimestamp, lastTimestamp: one.lastTimestamp } },
  );
}

function toRangeText({ fromMs, toMs }: CandleSliceRequest): string {
  const from = fromMs === undefined ? '' : `from ${toTimeText(fromMs)}`;
  const to = toMs === undefined ? '' : `before ${toTimeText(toMs)}`;
  return `${from}${from !== '' && to !== '' ? ' and ' : ''}${to}` || 'at all';
}

function toTimeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

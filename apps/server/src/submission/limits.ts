/** What one request may ask for, told before it is queued: 422 with the limit and what was asked. */
import { findStoredSeries } from '@quantbot/backtest';
import { AppError, parseInterval, toTimeMs, type CandleSeriesSummary } from '@quantbot/core';
import type { ServerRoom } from '../room.ts';

export function refuseTooMany(what: string, asked: number, limit: number): void {
  if (asked <= limit) return;
  throw new AppError(
    'LIMIT_EXCEEDED',
    `${what}: ${asked.toLocaleString('en-GB')} were asked for, this server takes up to ${limit.toLocaleString('en-GB')} in one request`,
    {
      details: { what, asked, limit },
    },
  );
}

export interface CandleTarget {
  readonly symbols: readonly string[];
  readonly timeframe: string;
  readonly start: string | undefined;
  readonly end: string | undefined;
}

/** INVALID_REQUEST for a range that ends before it begins, NO_CANDLES for symbols without candles, LIMIT_EXCEEDED for too many of them. */
export async function checkCandles(room: ServerRoom, target: CandleTarget): Promise<void> {
  const fromMs = target.start === undefined ? -Infinity : toTimeMs(target.start, 'from');
  const toMs = target.end === undefined ? Infinity : toTimeMs(target.end, 'to');
  if (Number.isNaN(fromMs) || Number.isNaN(toMs))
    throw new AppError('INVALID_REQUEST', `expected dates such as 2024-01-31, found ${target.start ?? ''} to ${target.end ?? ''}`);
  if (fromMs >= toMs)
    throw new AppError('INVALID_REQUEST', `expected a range that ends after it begins, found ${target.start ?? ''} to ${target.end ?? ''}`);
  const intervalS = parseInterval(target.timeframe);
  const counts = await countCandles(room, { symbols: target.symbols, intervalS, fromMs, toMs });
  if (counts.missing.length > 0 && !room.fetchesCandles) {
    throw new AppError(
      'NO_CANDLES',
      `the catalogue has no candles of ${counts.missing.slice(0, 10).join(', ')} that ${target.timeframe} candles can be made of in this range; see GET /api/data/series`,
      { details: { symbols: counts.missing } },
    );
  }
  refuseTooMany('candles', counts.candles, room.settings.max_candles);
}

/** The same for symbols whose candles are taken as they are stored, all of them. */
export async function checkStoredCandles(room: ServerRoom, symbols: readonly string[]): Promise<void> {
  const stored = await room.catalogue.listSeries();
  const rows = symbols.map((symbol) => Math.max(0, ...findSeries(room, stored, symbol).map((series) => series.rows)));
  refuseTooMany(
    'candles',
    rows.reduce((sum, each) => sum + each, 0),
    room.settings.max_candles,
  );
}

interface Range {
  readonly symbols: readonly string[];
  readonly intervalS: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Candles of the asked length: longer ones are made of shorter ones, never the other way round. */
async function countCandles(
  room: ServerRoom,
  { symbols, intervalS, fromMs, toMs }: Range,
): Promise<{ candles: number; missing: readonly string[] }> {
  const stored = await room.catalogue.listSeries();
  const missing: string[] = [];
  let candles = 0;
  for (const symbol of symbols) {
    const spans = findSeries(room, stored, symbol)
      .filter((each) => intervalS % each.intervalS === 0)
      .map((each) => Math.min(toMs / 1000, each.lastTimestamp + each.intervalS) - Math.max(fromMs / 1000, each.firstTimestamp))
      .filter((spanS) => spanS > 0);
    if (spans.length === 0) missing.push(symbol);
    else candles += Math.ceil(Math.max(...spans) / intervalS);
  }
  return { candles, missing };
}

function findSeries(
  { fetchesCandles }: ServerRoom,
  stored: readonly CandleSeriesSummary[],
  symbol: string,
): readonly CandleSeriesSummary[] {
  try {
    return findStoredSeries(stored, symbol);
  } catch (error) {
    if (fetchesCandles && error instanceof AppError && error.code === 'NO_CANDLES') return [];
    throw error;
  }
}

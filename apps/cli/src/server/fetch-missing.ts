/** Candles that a job needs and the catalogue does not hold, from the candle server that WS_MARKET_DATA_URL names. */
import { join } from 'node:path';
import { createHttpCandleSource, DEFAULT_WARM_UP_CANDLES, fetchCandles, openEtagMemory } from '@quantbot/backtest';
import type { CandleSeriesSummary } from '@quantbot/core';
import type { HandlerRoom } from './handler-room.ts';

export interface NeededCandles {
  readonly symbols: readonly string[];
  readonly intervalS: number;
  /** Half-open, Unix milliseconds. Without a start nothing is fetched: nobody knows how far back. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

export function hasCandleServer(env: NodeJS.ProcessEnv): boolean {
  return (env['WS_MARKET_DATA_URL'] ?? '') !== '';
}

/** Throws SOURCE_UNREACHABLE, or INVALID_MARKET_DATA for what the server sent. */
export async function fetchMissing(room: HandlerRoom, needed: NeededCandles, signal: AbortSignal): Promise<void> {
  const { context, workspace, catalogue } = room;
  const { fromMs, intervalS } = needed;
  if (!hasCandleServer(context.env) || fromMs === undefined) return;
  const toMs = Math.min(needed.toMs ?? Infinity, context.nowMs());
  const stored = await catalogue.listSeries();
  const missing = needed.symbols.filter((symbol) => !isCovered(stored, symbol, { ...needed, fromMs, toMs }));
  if (missing.length === 0) return;
  const source = createHttpCandleSource({
    url: context.env['WS_MARKET_DATA_URL'] ?? '',
    nowMs: context.nowMs,
    etags: await openEtagMemory(join(workspace.dataDir, 'candle-server-etags.json')),
  });
  await fetchCandles({
    catalogue,
    source,
    symbols: missing.map((symbol) => ({ symbol, instrument: symbol })),
    intervalS,
    fromS: Math.floor(fromMs / 1000) - DEFAULT_WARM_UP_CANDLES * intervalS,
    toS: Math.ceil(toMs / 1000),
    update: false,
    onConflict: 'refuse',
    stagingDir: join(workspace.dataDir, 'downloads'),
    nowS: Math.floor(context.nowMs() / 1000),
    signal,
  });
}

type Bounds = NeededCandles & { readonly fromMs: number; readonly toMs: number };

/** Stored candles of this length, or of a finer one, reach over the range; holes inside are those of the market. */
function isCovered(stored: readonly CandleSeriesSummary[], symbol: string, { intervalS, fromMs, toMs }: Bounds): boolean {
  return stored.some(
    (series) =>
      series.instrument === symbol &&
      intervalS % series.intervalS === 0 &&
      series.firstTimestamp * 1000 <= fromMs &&
      (series.lastTimestamp + series.intervalS) * 1000 >= toMs,
  );
}

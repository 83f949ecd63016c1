/** result.json: everything that a backtest on candles found and what it was made of, for other programs. Depends on the outcome alone. */
import { basename } from 'node:path';
import { AppError, BacktestResultSchema } from '@quantbot/core';
import { z } from 'zod';
import type { CandleBacktestOutcome, ShownBacktest } from '../candle-backtest/outcome.ts';
import { toBacktestSummary } from './summary.ts';

const RESULT_KIND = 'candle_backtest';
const RESULT_SCHEMA_VERSION = 1;

/** snake_case, numbers in full. Paths of this machine and times of the clock are left out: the same backtest gives the same document. */
export function toResultDocument(outcome: CandleBacktestOutcome): Readonly<Record<string, unknown>> {
  const { request, result, series, slice } = outcome;
  const { strategy } = request;
  return {
    kind: RESULT_KIND,
    schema_version: RESULT_SCHEMA_VERSION,
    engine_version: outcome.engineVersion,
    engine_source_hash: outcome.engineSourceHash,
    ...toBacktestSummary(result),
    request: {
      strategy: strategy.name,
      strategy_kind: strategy.kind,
      strategy_file: basename(strategy.path),
      strategy_source_hash: strategy.sourceHash,
      symbols: request.symbols,
      interval_s: request.intervalS,
      from_ms: request.fromMs ?? null,
      to_ms: request.toMs ?? null,
      params: request.params,
      overrides: request.overrides,
      periods: request.periods,
      objectives: request.objectives,
      warm_up_candles: request.warmUpCandles,
    },
    data: {
      slice_id: slice.id,
      series: series.map((each) => ({
        symbol: each.symbol,
        stored_interval_s: each.storedIntervalS,
        content_hash: each.contentHash,
        candles: each.candles,
        first_timestamp: each.firstTimestamp,
        last_timestamp: each.lastTimestamp,
        missing_candles: each.missingCandles,
        usually_closed: each.usuallyClosed,
      })),
    },
    result,
  };
}

const DocumentSchema = z.looseObject({
  kind: z.literal(RESULT_KIND),
  schema_version: z.literal(RESULT_SCHEMA_VERSION),
  request: z.looseObject({ interval_s: z.int() }),
  data: z.looseObject({
    series: z.array(
      z.object({
        symbol: z.string(),
        stored_interval_s: z.int(),
        content_hash: z.string(),
        candles: z.int(),
        first_timestamp: z.int(),
        last_timestamp: z.int(),
        missing_candles: z.int(),
        usually_closed: z.int().default(0),
      }),
    ),
  }),
  result: BacktestResultSchema,
});

/** What such a document shows, for tables of a backtest that ran elsewhere. Throws UNREADABLE_FILE. */
export function readResultDocument(document: unknown): ShownBacktest {
  const checked = DocumentSchema.safeParse(document);
  if (!checked.success) {
    const message = `expected result.json of a backtest on candles of this version, found something else: ${z.prettifyError(checked.error)}`;
    throw new AppError('UNREADABLE_FILE', message);
  }
  const { request, data, result } = checked.data;
  return {
    request: { intervalS: request.interval_s },
    series: data.series.map((each) => ({
      symbol: each.symbol,
      storedIntervalS: each.stored_interval_s,
      contentHash: each.content_hash,
      candles: each.candles,
      firstTimestamp: each.first_timestamp,
      lastTimestamp: each.last_timestamp,
      missingCandles: each.missing_candles,
      usuallyClosed: each.usually_closed,
    })),
    result,
  };
}

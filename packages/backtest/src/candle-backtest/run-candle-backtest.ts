/** One backtest on candles: choose and cut the candles → engine → outcome. Depends on data, strategy and settings alone, never on the clock. */
import type { MarketDataCatalogue } from '@quantbot/core';
import type { PythonEngine, RunOptions } from '../engine/python-engine.ts';
import { prepareCandleSlice } from '../slice/prepare-candle-slice.ts';
import { checkParameters } from '../strategy-file/check-parameters.ts';
import { readChartCandles } from './chart-candles.ts';
import { explaining, toEngineStrategy } from './engine-strategy.ts';
import type { CandleBacktestOutcome, CandleBacktestRequest } from './outcome.ts';

export interface CandleBacktestRoom {
  readonly catalogue: MarketDataCatalogue;
  readonly engine: PythonEngine;
  readonly slicesDir: string;
}

/** Throws NO_CANDLES, INVALID_REQUEST for a parameter that the strategy does not have, INVALID_STRATEGY and STRATEGY_FAILED with the place in the strategy's file, ENGINE_TIMEOUT, CANCELLED. */
export async function runCandleBacktest(
  room: CandleBacktestRoom,
  request: CandleBacktestRequest,
  options: RunOptions = {},
): Promise<CandleBacktestOutcome> {
  const { strategy, intervalS, params, periods, objectives } = request;
  checkParameters(strategy, params);
  const { slice, series, range } = await prepareCandleSlice(room, request);
  const run = await explaining(strategy, () =>
    room.engine.run(
      {
        operation: 'backtest',
        strategy: toEngineStrategy(strategy, request),
        slice,
        params: { ...params },
        range,
        periods: [...periods],
        objectives: [...objectives],
      },
      options,
    ),
  );
  return {
    request: { ...request, symbols: series.map(({ symbol }) => symbol) },
    slice,
    series,
    charts: await readChartCandles(slice, range, { intervalS, symbols: series.length }),
    result: run.result,
    engineVersion: run.version.engineVersion,
    engineSourceHash: run.version.sourceHash,
    loadMs: run.loadMs,
    computeMs: run.computeMs,
  };
}

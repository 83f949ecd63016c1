/** Whether a strategy looks ahead: computed on all candles and on candles that are cut off, on stored candles or on invented ones. */
import type { CheckStrategyResult, ParameterValues, SliceRef } from '@quantbot/core';
import type { PythonEngine, RunOptions } from '../engine/python-engine.ts';
import { writeSlice } from '../slice/write-slice.ts';
import { explaining, toEngineStrategy } from './engine-strategy.ts';
import type { StrategyQuestion } from './describe-strategy.ts';
import { inventCandles, INVENTED_INTERVAL_S } from './invent-candles.ts';

export interface LookAheadQuestion extends StrategyQuestion {
  readonly slice: SliceRef;
  readonly params: ParameterValues;
  /** Places at which the candles are cut (default 20). */
  readonly cuts?: number;
}

/** Throws INVALID_STRATEGY or STRATEGY_FAILED with the place in the file, ENGINE_TIMEOUT, CANCELLED. */
export async function checkCandleStrategy(
  engine: PythonEngine,
  question: LookAheadQuestion,
  options: RunOptions = {},
): Promise<CheckStrategyResult> {
  const { strategy, slice, params, cuts } = question;
  const { result } = await explaining(strategy, () =>
    engine.run(
      {
        operation: 'check_strategy',
        strategy: toEngineStrategy(strategy, question),
        slice,
        params: { ...params },
        ...(cuts !== undefined && { cuts }),
      },
      options,
    ),
  );
  return result;
}

/** A slice of invented candles, for a workspace without data. Always the same one. */
export async function writeInventedSlice(slicesDir: string): Promise<SliceRef> {
  const series = [{ name: 'INVENTED', intervalS: INVENTED_INTERVAL_S, candles: inventCandles() }];
  const { path, id } = await writeSlice(slicesDir, { series, calls: () => [] });
  return { path, id };
}

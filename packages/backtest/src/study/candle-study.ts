/** Studies of strategies on candles: the plan of a file and the strategy it names, put together and checked against each other. */
import { AppError, type SimulationSettings, type StrategyRef } from '@quantbot/core';
import { z } from 'zod';
import { toEngineStrategy } from '../candle-backtest/engine-strategy.ts';
import { listNames } from '../expression/expression.ts';
import { prepareCandleSlice } from '../slice/prepare-candle-slice.ts';
import type { SliceRoom } from '../slice/prepare-slice.ts';
import { checkParameters } from '../strategy-file/check-parameters.ts';
import type { LoadedStrategy } from '../strategy-file/loaded-strategy.ts';
import type { StudyPlan } from '../study-file/read-study-file.ts';
import type { StudySpec } from './study-spec.ts';

/** What a study of a strategy on candles needs besides its plan. */
export interface CandleStudy {
  readonly strategy: LoadedStrategy;
  readonly symbols: readonly string[];
  readonly intervalS: number;
  /** Below what the strategy says, and above it. */
  readonly defaults: SimulationSettings;
  readonly overrides: SimulationSettings;
}

/** The plan with the strategy's name and, if the file gives no parameters, its search space. Throws INVALID_STUDY for parameters it does not have. */
export function completePlan(plan: StudyPlan, strategy: LoadedStrategy): StudyPlan {
  const { constraints } = plan.space;
  const parameters = plan.space.parameters.length > 0 ? plan.space.parameters : [...strategy.space];
  if (parameters.length === 0) {
    throw new AppError(
      'INVALID_STUDY',
      `nothing to search: give parameters in the study file, or ranges in ${strategy.path}, such as fast: {default: 10, low: 5, high: 20, step: 5}`,
    );
  }
  const names = parameters.map(({ name }) => name);
  try {
    checkParameters(strategy, Object.fromEntries(names.map((name) => [name, 0])));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError('INVALID_STUDY', error.message, { cause: error, details: error.details });
  }
  const unknown = constraints.flatMap(({ tokens }) => listNames(tokens)).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new AppError('INVALID_STUDY', `constraints: there is no parameter ${unknown}; the study searches ${names.join(', ')}`);
  }
  return { ...plan, strategy: { ...plan.strategy, name: strategy.name }, space: { parameters, constraints } };
}

interface Bounds {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

/** Cuts the candles; what decides the trials goes into the study, so that the files of the strategy are needed no more. */
export async function defineCandleData(
  room: SliceRoom,
  { strategy, symbols, intervalS, ...layers }: CandleStudy,
  { fromMs, toMs }: Bounds,
): Promise<Pick<StudySpec, 'strategy' | 'slice_id' | 'range'>> {
  const { slice, range } = await prepareCandleSlice(room, { symbols, intervalS, fromMs, toMs });
  return { strategy: toEngineStrategy(strategy, layers), slice_id: slice.id, range };
}

const ConfigSchema = z.looseObject({ signal_files: z.array(z.string()).default([]) });

/** Python files that the trials of a study run: of its strategy, and of signals. */
export function listSourceFiles({ files, config }: StrategyRef): readonly string[] {
  const { success, data } = ConfigSchema.safeParse(config);
  return [...files, ...(success ? data.signal_files : [])];
}

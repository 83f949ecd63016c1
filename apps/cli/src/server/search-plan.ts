/** From a submitted search to a checked plan: whatever its form, it is read as a study file is. */
import { parseStudyFile, type CandleStudy, type StudyPlan } from '@quantbot/backtest';
import { OptimizeBodySchema, type OptimizeBody, parseInterval, type Period, toTimeMs, WalkForwardBodySchema } from '@quantbot/core';
import { findOwnCode } from '@quantbot/server';
import { z } from 'zod';
import { prepareCandleStudy } from '../studies/candle-study.ts';
import { fetchMissing } from './fetch-missing.ts';
import type { HandlerRoom } from './handler-room.ts';

const targets = z.looseObject({ symbols: z.array(z.string()).min(1) });
/** As the server keeps them: checked when they were submitted. */
const FileRequestSchema = z.looseObject({
  form: z.literal('file'),
  config_yaml: z.string(),
  max_concurrent: z.int().optional(),
  trials: z.int().optional(),
  seed: z.int().optional(),
});
const OptimizeRequestSchema = z.looseObject({ ...OptimizeBodySchema.shape, ...targets.shape, form: z.literal('optimize') });
export const StudyRequestSchema = z.union([FileRequestSchema, OptimizeRequestSchema]);
export const WalkForwardRequestSchema = z.looseObject({ ...WalkForwardBodySchema.shape, ...targets.shape });

type Shared =
  | 'strategy_name'
  | 'timeframe'
  | 'start_date'
  | 'end_date'
  | 'optimize_params'
  | 'objective'
  | 'sampler'
  | 'trials'
  | 'seed'
  | 'initial_capital'
  | 'simulation'
  | 'name';
export type SearchRequest = Pick<OptimizeBody, Shared> & { readonly symbols: readonly string[]; readonly periods?: readonly Period[] };

export interface SearchPlan {
  readonly plan: StudyPlan;
  readonly candles: CandleStudy | undefined;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  /** Python files of strategies that are no candle strategies, absolute. */
  readonly strategyFiles: readonly string[];
}

/** Throws INVALID_STUDY, INVALID_STRATEGY, STRATEGY_NOT_FOUND. `name` stands for the file in messages. */
export async function toSearchPlan(
  room: HandlerRoom,
  text: string,
  { name, drain }: { name: string; drain: AbortSignal },
): Promise<SearchPlan> {
  const written = parseStudyFile(text, name);
  const strategyFiles = await findOwnCode(room.workspace, written);
  const { from, to } = written.data;
  const range = {
    fromMs: from === undefined ? undefined : toTimeMs(from, 'from'),
    toMs: to === undefined ? undefined : toTimeMs(to, 'to'),
  };
  const { symbols, timeframe } = written.candles ?? {};
  if (symbols !== undefined && timeframe !== undefined)
    await fetchMissing(room, { symbols, intervalS: parseInterval(timeframe), ...range }, drain);
  const { plan, candles } = await prepareCandleStudy(
    { workspace: room.workspace, engineRoom: { engine: room.engine, interrupt: { drain } }, file: undefined },
    written,
  );
  return { plan, candles, ...range, strategyFiles };
}

/** A search that was submitted as fields, as the text of the study file that says the same. JSON is YAML. */
export function toStudyText(request: SearchRequest): string {
  const { strategy_name: strategy, symbols, timeframe, start_date: from, end_date: to, optimize_params: parameters } = request;
  const { objective, sampler, trials, seed, initial_capital: initialCapital, simulation } = request;
  return JSON.stringify({
    name: request.name,
    strategy: { name: strategy },
    data: { symbols, timeframe, from, to },
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, axis]) => [name, toWrittenAxis(axis)])),
    objective,
    sampler,
    trials,
    seed,
    periods: request.periods,
    simulation: initialCapital === undefined ? simulation : { initial_capital: initialCapital, ...simulation },
  });
}

function toWrittenAxis(axis: SearchRequest['optimize_params'][string]): unknown {
  if (Array.isArray(axis)) return { values: axis };
  const { low, high, step, log } = axis;
  return step === undefined ? { low, high, log } : { start: low, end: high, step };
}

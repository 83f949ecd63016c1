/** What a study file asks for, as far as it must be known before it is queued. */
import { completePlan, loadStrategy, parseStudyFile, type StudyPlan } from '@quantbot/backtest';
import type { Parameter } from '@quantbot/core';
import type { ServerRoom } from '../room.ts';
import { checkCandles, checkStoredCandles } from './limits.ts';
import { findOwnCode } from './own-code.ts';

export interface StudyOutline {
  readonly name: string;
  /** null: infinitely many. Constraints between parameters make fewer of them. */
  readonly combinations: number | null;
  /** Trials asked for; null: all combinations. */
  readonly trials: number | null;
}

const DEFAULT_TRIALS = 100;

/** Throws INVALID_STUDY or INVALID_STRATEGY with the place, STRATEGY_NOT_FOUND, NO_CANDLES, LIMIT_EXCEEDED. `file` names the text in messages. */
export async function outlineStudy(room: ServerRoom, text: string, file: string): Promise<StudyOutline> {
  const written = parseStudyFile(text, file);
  await findOwnCode(room.folders, written);
  await checkData(room, written);
  const plan = await complete(room, written);
  const sizes = plan.space.parameters.map(countValues);
  const combinations = sizes.some((size) => size === null) ? null : sizes.reduce<number>((product, size) => product * (size ?? 1), 1);
  return {
    name: plan.name,
    combinations: combinations === null ? null : Math.min(combinations, Number.MAX_SAFE_INTEGER),
    trials: plan.trials ?? (plan.sampler.name === 'grid' ? null : DEFAULT_TRIALS),
  };
}

/** Calls are no matter of candles; a strategy on candles without a timeframe runs on those that are stored. */
async function checkData(room: ServerRoom, { candles, data }: StudyPlan): Promise<void> {
  if (candles === undefined) return;
  const { symbols, timeframe } = candles;
  if (timeframe === undefined) await checkStoredCandles(room, symbols);
  else await checkCandles(room, { symbols, timeframe, start: data.from, end: data.to });
}

async function complete({ folders, engine }: ServerRoom, plan: StudyPlan): Promise<StudyPlan> {
  const asked = plan.candles?.strategy;
  if (asked === undefined) return plan;
  const { strategiesDir } = folders;
  return completePlan(plan, await loadStrategy({ strategiesDir, engine }, 'name' in asked ? asked.name : asked.file));
}

/** null: any number in a range. */
function countValues(parameter: Parameter): number | null {
  switch (parameter.kind) {
    case 'float':
      return null;
    case 'int':
      return parameter.high - parameter.low + 1;
    case 'range':
      return parameter.count;
    case 'categorical':
      return parameter.values.length;
  }
}

/** What a strategy is, in the engine's words: parameters with everything that follows from them, search space, warm-up, rules. */
import { AppError, CandleStrategyConfigSchema, ERROR_CODES, type ErrorCode, type StrategyDescription } from '@quantbot/core';
import type { PythonEngine, RunOptions } from '../engine/python-engine.ts';
import type { LoadedStrategy } from '../strategy-file/loaded-strategy.ts';
import { explaining, toEngineStrategy, type SettingLayers } from './engine-strategy.ts';

export interface StrategyQuestion extends SettingLayers {
  readonly strategy: LoadedStrategy;
}

/** Nothing is simulated, but rules are checked on invented candles. Throws INVALID_STRATEGY or STRATEGY_FAILED with the place in the file. */
export async function describeStrategy(
  engine: PythonEngine,
  question: StrategyQuestion,
  options: RunOptions = {},
): Promise<StrategyDescription> {
  const { strategy } = question;
  return explaining(strategy, async () => {
    const { config, files } = toEngineStrategy(strategy, question);
    // A Python strategy has a config without rules: with it the engine tries it out on invented candles.
    const rules = CandleStrategyConfigSchema.parse(config);
    const { result } = await engine.run({ operation: 'describe_strategies', files, rules }, options);
    const [problem] = result.problems;
    const found =
      result.strategies.find(({ name }) => name === strategy.name) ?? (strategy.kind === 'rules' ? result.strategies[0] : undefined);
    if (found !== undefined) return found;
    throw new AppError(toCode(problem?.code), problem?.message ?? `${strategy.path} registers no strategy ${strategy.name}`, {
      details: { traceback: problem?.traceback ?? undefined },
    });
  });
}

function toCode(text: string | undefined): ErrorCode {
  return ERROR_CODES.find((code) => code === text) ?? 'INVALID_STRATEGY';
}

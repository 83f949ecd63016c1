/** What a strategy is and what is wrong with it, as an answer and not as an error. */
import { describeStrategy, loadStrategy, parseRuleStrategy, type LoadedStrategy } from '@quantbot/backtest';
import { AppError, CandleStrategyConfigSchema, type StrategyCheck } from '@quantbot/core';
import type { ServerRoom } from '../room.ts';

type CheckRoom = Pick<ServerRoom, 'engine' | 'defaults' | 'folders'>;

/** Of a file of strategies/. */
export async function checkSavedStrategy(room: CheckRoom, fileName: string): Promise<StrategyCheck> {
  return answer(async () =>
    describe(room, await loadStrategy({ strategiesDir: room.folders.strategiesDir, engine: room.engine }, fileName)),
  );
}

/** Of a text that is not saved yet; `name` stands for its file in messages. */
export async function checkRules(room: CheckRoom, { source, name }: { source: string; name: string }): Promise<StrategyCheck> {
  return answer(async () => {
    const { rules, description, parameters, linkedParameters, unusedParameters, space, explain } = parseRuleStrategy(source, name);
    const config = CandleStrategyConfigSchema.parse({ rules });
    const reference = { name: 'rules', config: config as LoadedStrategy['reference']['config'], files: [] };
    return describe(room, {
      name: rules.name,
      kind: 'rules',
      path: name,
      sourceHash: '',
      description,
      reference,
      parameters,
      linkedParameters,
      unusedParameters,
      space,
      explain,
    });
  });
}

async function describe({ engine, defaults }: CheckRoom, strategy: LoadedStrategy): Promise<StrategyCheck> {
  const description = await describeStrategy(engine, { strategy, defaults, overrides: {} });
  return {
    is_valid: true,
    name: strategy.name,
    source_hash: strategy.sourceHash === '' ? null : strategy.sourceHash,
    summary: strategy.description || description.summary,
    parameters: description.parameters,
    space: description.space.map((parameter) => ({ ...parameter })),
    warm_up_candles: description.warm_up_candles,
    problems: [],
  };
}

const ABOUT_STRATEGIES: ReadonlySet<string> = new Set(['INVALID_STRATEGY', 'STRATEGY_FAILED', 'INVALID_REQUEST']);

async function answer(check: () => Promise<StrategyCheck>): Promise<StrategyCheck> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof AppError) || !ABOUT_STRATEGIES.has(error.code)) throw error;
    const { code } = error;
    const problems = error.message.split('\n').map((message) => ({ code, message }));
    return { is_valid: false, name: null, source_hash: null, summary: null, parameters: {}, space: [], warm_up_candles: null, problems };
  }
}

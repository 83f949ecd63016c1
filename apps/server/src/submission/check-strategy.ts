/** What a strategy is and what is wrong with it, as an answer and not as an error. */
import { isAbsolute, relative, resolve } from 'node:path';
import { describeStrategy, loadStrategy, parseRuleStrategy, type LoadedStrategy } from '@quantbot/backtest';
import { AppError, CandleStrategyConfigSchema, type StrategyCheck } from '@quantbot/core';
import { hideRoot } from '../results/relative-paths.ts';
import type { ServerRoom } from '../room.ts';

type CheckRoom = Pick<ServerRoom, 'engine' | 'defaults' | 'folders'>;

/** Of a file of strategies/. */
export async function checkSavedStrategy(room: CheckRoom, fileName: string): Promise<StrategyCheck> {
  return answer(room, async () =>
    describe(room, await loadStrategy({ strategiesDir: room.folders.strategiesDir, engine: room.engine }, fileName)),
  );
}

/** Of a text that is not saved yet; `name` stands for its file in messages. */
export async function checkRules(room: CheckRoom, { source, name }: { source: string; name: string }): Promise<StrategyCheck> {
  return answer(room, async () => {
    const { rules, description, parameters, linkedParameters, unusedParameters, space, explain, swapCache } = parseRuleStrategy(
      source,
      name,
    );
    if (swapCache !== undefined) refuseOutside(room, swapCache);
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
    summary: strategy.description,
    parameters: description.parameters,
    space: description.space.map((parameter) => ({ ...parameter })),
    warm_up_candles: description.warm_up_candles,
    problems: [],
  };
}

/** Whoever may save a strategy may not therefore read any file of this machine through it. */
function refuseOutside({ folders }: CheckRoom, { file, place }: { readonly file: string; readonly place: string }): void {
  const inside = relative(folders.root, resolve(folders.strategiesDir, file));
  if (!inside.startsWith('..') && !isAbsolute(inside)) return;
  throw new AppError('INVALID_STRATEGY', `${place}: costs.cache: expected a file of the workspace, found ${file}`);
}

const ABOUT_STRATEGIES: ReadonlySet<string> = new Set(['INVALID_STRATEGY', 'STRATEGY_FAILED', 'INVALID_REQUEST']);

async function answer({ folders }: CheckRoom, check: () => Promise<StrategyCheck>): Promise<StrategyCheck> {
  try {
    return await check();
  } catch (thrown) {
    const error = hideRoot(thrown, folders.root);
    if (!(error instanceof AppError) || !ABOUT_STRATEGIES.has(error.code)) throw error;
    const { code } = error;
    const problems = error.message.split('\n').map((message) => ({ code, message }));
    return { is_valid: false, name: null, source_hash: null, summary: null, parameters: {}, space: [], warm_up_candles: null, problems };
  }
}

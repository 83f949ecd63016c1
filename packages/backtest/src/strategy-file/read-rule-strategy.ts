/** A YAML file with a strategy → the strategy, ready for the engine. */
import { dirname, resolve } from 'node:path';
import { AppError, CandleStrategyConfigSchema, type CandleStrategyConfig, type RuleStrategy, type StrategyRef } from '@quantbot/core';
import { readYamlText } from '../files/yaml-file.ts';
import { readSwapCosts } from '../swap-costs/read-swap-costs.ts';
import type { LoadedStrategy } from './loaded-strategy.ts';
import { parseRuleStrategy, type ParsedStrategy } from './parse-rule-strategy.ts';
import { hashSource, readSignalFiles } from './strategy-files.ts';

/** Name under which the engine keeps strategies of rules. */
const RULES = 'rules';

/** Throws INVALID_STRATEGY with all problems of the file, FILE_NOT_FOUND. */
export async function readRuleStrategy(path: string): Promise<LoadedStrategy> {
  const [text, signals] = await Promise.all([readYamlText(path), readSignalFiles(path)]);
  const { swapCache, ...parsed } = parseRuleStrategy(text, path, signals.names);
  const { rules, ...rest } = parsed;
  const costs = swapCache === undefined ? undefined : await readCosts(swapCache, dirname(path));
  const priced: RuleStrategy = costs === undefined ? rules : { ...rules, simulation: { ...rules.simulation, costs } };
  const reference = { name: RULES, config: toConfig({ rules: priced, signal_files: [...signals.paths] }), files: [] };
  // Other costs are another strategy, although its text is the same.
  const source = costs === undefined ? text : `${text}\n${JSON.stringify(costs)}`;
  return { ...rest, name: rules.name, kind: 'rules', path, sourceHash: hashSource(source, signals), reference };
}

/** Without a token: the entry `default`, or the only one of the file. */
async function readCosts({ file, token, place }: NonNullable<ParsedStrategy['swapCache']>, dir: string) {
  try {
    return await readSwapCosts(resolve(dir, file), token);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError('INVALID_STRATEGY', `${place}: costs.cache: ${error.message}`, { cause: error, details: { place } });
  }
}

/** As the protocol has it: everything that is said, nothing that is not. */
export function toConfig(config: Partial<CandleStrategyConfig>): StrategyRef['config'] {
  return JSON.parse(JSON.stringify(CandleStrategyConfigSchema.parse(config))) as StrategyRef['config'];
}

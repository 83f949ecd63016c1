/** A YAML file with a strategy → the strategy, ready for the engine. */
import { CandleStrategyConfigSchema, type CandleStrategyConfig, type StrategyRef } from '@quantbot/core';
import { readYamlText } from '../files/yaml-file.ts';
import type { LoadedStrategy } from './loaded-strategy.ts';
import { parseRuleStrategy } from './parse-rule-strategy.ts';
import { hashSource, readSignalFiles } from './strategy-files.ts';

/** Name under which the engine keeps strategies of rules. */
const RULES = 'rules';

/** Throws INVALID_STRATEGY with all problems of the file, FILE_NOT_FOUND. */
export async function readRuleStrategy(path: string): Promise<LoadedStrategy> {
  const [text, signals] = await Promise.all([readYamlText(path), readSignalFiles(path)]);
  const { rules, ...rest } = parseRuleStrategy(text, path, signals.names);
  const reference = { name: RULES, config: toConfig({ rules, signal_files: [...signals.paths] }), files: [] };
  return { ...rest, name: rules.name, kind: 'rules', path, sourceHash: hashSource(text, signals), reference };
}

/** As the protocol has it: everything that is said, nothing that is not. */
export function toConfig(config: Partial<CandleStrategyConfig>): StrategyRef['config'] {
  return JSON.parse(JSON.stringify(CandleStrategyConfigSchema.parse(config))) as StrategyRef['config'];
}

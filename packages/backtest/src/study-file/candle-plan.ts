/** What a study file says about a strategy on candles: which one, on which candles. */
import { AppError, parseInterval } from '@quantbot/core';
import type { YamlFile } from '../files/yaml-file.ts';
import type { StudyFile } from './study-file-schema.ts';

export interface CandlePlan {
  /** Name of a strategy of the workspace, or a file. */
  readonly strategy: { readonly name: string } | { readonly file: string };
  readonly symbols: readonly string[];
  /** undefined: the only one that the symbols are stored in. */
  readonly timeframe: string | undefined;
}

/** Fields that have no meaning for candles, and what to write instead. */
const OF_CALLS = {
  caller_groups: 'calls have callers, candles have symbols',
  allow_partial: 'it belongs to calls',
  max_hold_hrs: 'write simulation: {max_hold_s: …}, or exit.time_limit in the strategy',
} as const;

/** undefined: the study is not about a strategy on candles. Throws INVALID_STUDY with the place. */
export function toCandlePlan(file: YamlFile<StudyFile>): CandlePlan | undefined {
  const { strategy, data = {} } = file.value;
  const { symbol, symbols = symbol === undefined ? undefined : [symbol] } = data;
  if (symbols === undefined && strategy.file === undefined) {
    checkOther(file);
    return undefined;
  }
  checkCandleStudy(file);
  if (symbols === undefined) return refuse(file, ['data'], 'expected data.symbol or data.symbols: what the strategy trades');
  const named = strategy.file === undefined ? { name: strategy.name ?? '' } : { file: strategy.file };
  return { strategy: named, symbols, timeframe: toTimeframe(file) };
}

function refuse({ toPlace }: YamlFile<StudyFile>, path: readonly PropertyKey[], message: string): never {
  throw new AppError('INVALID_STUDY', `${toPlace(path)}: ${message}`);
}

function checkOther(file: YamlFile<StudyFile>): void {
  const { strategy, simulation } = file.value;
  if (strategy.name === undefined) refuse(file, ['strategy'], 'expected name or file of a strategy, found neither');
  if (simulation !== undefined)
    refuse(file, ['simulation'], 'it belongs to strategies on candles: give data.symbol, or use simulator_config');
}

function checkCandleStudy(file: YamlFile<StudyFile>): void {
  const { strategy, data = {}, simulator_config: simulatorConfig } = file.value;
  refuseBoth(file, 'strategy', ['name', 'file']);
  refuseBoth(file, 'data', ['symbol', 'symbols']);
  refuseBoth(file, 'data', ['timeframe', 'interval']);
  for (const key of ['files', 'config'] as const) {
    if (strategy[key] !== undefined) refuse(file, ['strategy', key], `a strategy on candles takes no ${key}; name it, or give its file`);
  }
  if (simulatorConfig !== undefined) refuse(file, ['simulator_config'], 'write simulation for a strategy on candles');
  for (const [key, hint] of Object.entries(OF_CALLS)) if (key in data) refuse(file, ['data', key], hint);
}

function refuseBoth(file: YamlFile<StudyFile>, section: 'strategy' | 'data', [one, other]: readonly [string, string]): void {
  const given = file.value[section] ?? {};
  if (one in given && other in given) refuse(file, [section, other], `expected ${one} or ${other}, found both`);
}

function toTimeframe({ value: { data = {} }, toPlace }: Pick<YamlFile<StudyFile>, 'value' | 'toPlace'>): string | undefined {
  const key = data.timeframe === undefined ? 'interval' : 'timeframe';
  const label = data[key];
  if (label === undefined) return undefined;
  try {
    parseInterval(label);
  } catch (cause) {
    throw new AppError('INVALID_STUDY', `${toPlace(['data', key])}: expected a timeframe such as 5m, 1h or 1d, found "${label}"`, {
      cause,
    });
  }
  return label;
}

/** The text of a YAML strategy → rules for the engine. Every problem of the text is reported at once, with file, line and column. */
import { AppError, RuleStrategySchema, type Parameter, type ParameterValue, type ParameterValues, type RuleStrategy } from '@quantbot/core';
import { z } from 'zod';
import { parseYaml, type YamlFile } from '../files/yaml-file.ts';
import { createExplanation } from './explain.ts';
import { BUILT_IN_SIGNALS } from './known-names.ts';
import { readCosts, readPolicies, readRisk, type SwapCacheSource } from './read-account.ts';
import { readSignalName } from './read-conditions.ts';
import { readEntries as readEntryRules } from './read-entry.ts';
import { readExits } from './read-exit.ts';
import { listNeeds, readParameters, type ReadParameter } from './read-parameters.ts';
import {
  createReading,
  isMapping,
  readFields,
  readText,
  refuse,
  refuseMissing,
  toItems,
  type Fields,
  type Reading,
  type Spot,
} from './reading.ts';
import { findLinkedSetting, type Settings } from './settings.ts';
import { linkSetting, toSimulation, type Draft } from './to-simulation.ts';

/** What a YAML strategy says. */
export interface ParsedStrategy {
  readonly rules: RuleStrategy;
  readonly description: string;
  /** Constants only. */
  readonly parameters: ParameterValues;
  readonly linkedParameters: readonly string[];
  readonly unusedParameters: readonly string[];
  readonly space: readonly Parameter[];
  /** Costs that stand in a file of their own: whoever reads the strategy adds them to its settings. */
  readonly swapCache?: SwapCacheSource;
  /** Adds `file:line:column` to an error of the engine that speaks of a rule, signal, parameter or setting. */
  readonly explain: (error: unknown) => unknown;
}

const KEYS = [
  ...(['name', 'version', 'author', 'description', 'dependencies', 'parameters', 'entry', 'exit', 'risk', 'costs', 'simulation'] as const),
];
type Given = Fields<(typeof KEYS)[number]>;

/**
 * `path` names the text in messages. `signalNames`: signals of the workspace beside the built-in ones.
 * Throws INVALID_STRATEGY with all problems, a line each, and in the details as `problems`.
 */
export function parseRuleStrategy(text: string, path: string, signalNames: readonly string[] = []): ParsedStrategy {
  const yaml = parseYaml(text, { path, schema: z.unknown(), code: 'INVALID_STRATEGY' });
  const reading = createReading(yaml, {
    parameterNames: new Set(listParameterNames(yaml.written)),
    signalNames: new Set([...BUILT_IN_SIGNALS, ...signalNames]),
  });
  const root = { value: yaml.written, path: [] };
  if (!isMapping(yaml.written)) refuse(reading, root, 'a strategy: a mapping with name, entry and exit');
  const parsed = isMapping(yaml.written) ? readStrategy(reading, readFields(reading, root, KEYS), yaml) : undefined;
  if (parsed !== undefined && reading.problems.length === 0) return parsed;
  const problems = reading.problems.toSorted((a, b) => toPosition(a) - toPosition(b));
  throw new AppError('INVALID_STRATEGY', problems.join('\n'), { details: { problems } });
}

function listParameterNames(written: unknown): readonly string[] {
  const parameters = isMapping(written) ? written['parameters'] : undefined;
  return isMapping(parameters) ? Object.keys(parameters) : [];
}

/** Problems in the order of the file, whatever the order in which it was read. */
function toPosition(problem: string): number {
  const [, line, column] = /:(\d+):(\d+): /.exec(problem) ?? [];
  return Number(line ?? 0) * 1e6 + Number(column ?? 0);
}

function readStrategy(reading: Reading, fields: Given, yaml: YamlFile<unknown>): ParsedStrategy | undefined {
  const name = readName(reading, fields.name);
  const description = readText(reading, fields.description) ?? '';
  readText(reading, fields.author);
  readVersion(reading, fields.version);
  readDependencies(reading, fields.dependencies);
  const parameters = readParameters(reading, fields.parameters);
  // What parameters say of each other is no use yet: something else must speak of one of them.
  reading.used.clear();
  const draft = readDraft(reading, fields);
  const needed = listUsed(reading.used, parameters);
  const unused = parameters.filter((parameter) => !needed.has(parameter.name));
  const linked = linkParameters(draft.settings, unused);
  if (name === undefined || reading.problems.length > 0) return undefined;
  const constants = parameters.flatMap(({ name: own, value }): (readonly [string, ParameterValue])[] =>
    typeof value === 'object' ? [] : [[own, value]],
  );
  return {
    rules: toRules(name, parameters, draft),
    description,
    parameters: Object.fromEntries(constants),
    linkedParameters: linked,
    unusedParameters: unused.map((parameter) => parameter.name).filter((own) => !linked.includes(own)),
    space: parameters.flatMap(({ axis }) => (axis === undefined ? [] : [axis])),
    ...(draft.costs?.cache !== undefined && { swapCache: draft.costs.cache }),
    explain: createExplanation(reading, yaml),
  };
}

function readName(reading: Reading, spot: Spot | undefined): string | undefined {
  if (spot === undefined) {
    refuseMissing(reading, { path: [] }, 'name: what the strategy is called');
    return undefined;
  }
  const expected = 'a name of letters, digits, spaces, dots, hyphens and underscores, up to 100';
  const name = readText(reading, spot, expected);
  if (name === undefined || /^[A-Za-z0-9][\w .-]{0,99}$/.test(name)) return name;
  refuse(reading, spot, expected);
  return undefined;
}

/** `version: 1.0` is a number in YAML, and meant as a text. */
function readVersion(reading: Reading, spot: Spot | undefined): void {
  if (spot !== undefined && typeof spot.value !== 'number') readText(reading, spot, 'a version such as "1.0.0"');
}

function readDependencies(reading: Reading, spot: Spot | undefined): void {
  const { signals } = readFields(reading, spot, ['signals']);
  if (signals === undefined || signals.value === null) return;
  for (const item of toItems(signals)) readSignalName(reading, item);
}

function readDraft(reading: Reading, fields: Given): Draft {
  const settings: Settings = new Map();
  const entries = readEntryRules(reading, fields.entry, settings);
  const entered = (['long', 'short'] as const).filter((side) => entries[side] !== null);
  if (fields.entry === undefined) refuseMissing(reading, { path: [] }, 'entry: when to buy or sell');
  const exits = readExits(reading, fields.exit, { settings, entered });
  return {
    settings,
    entries,
    exits,
    sizing: readRisk(reading, fields.risk, settings),
    costs: readCosts(reading, fields.costs, settings),
    policies: readPolicies(reading, fields.simulation, settings),
  };
}

/** Parameters that rules and settings speak of, directly or through another parameter. */
function listUsed(direct: ReadonlySet<string>, parameters: readonly ReadParameter[]): ReadonlySet<string> {
  const used = new Set(direct);
  // Parameters are sorted: who speaks of another one comes after it, so one pass backwards sees every chain.
  for (const parameter of parameters.toReversed()) {
    if (used.has(parameter.name)) for (const needed of listNeeds(parameter)) used.add(needed);
  }
  return used;
}

/** The predecessor's convention: a parameter that nothing speaks of, but that has name and value of a setting, is that setting. */
function linkParameters(settings: Settings, unused: readonly ReadParameter[]): readonly string[] {
  return unused.flatMap(({ name, value }) => {
    const setting = findLinkedSetting(name);
    if (setting === undefined || typeof value !== 'number' || settings.get(setting) !== value) return [];
    linkSetting(settings, setting, name);
    return [name];
  });
}

function toRules(name: string, parameters: readonly ReadParameter[], draft: Draft): RuleStrategy {
  const { entries, exits } = draft;
  return RuleStrategySchema.parse({
    name,
    parameters: parameters.map((parameter) => ({ name: parameter.name, value: parameter.value })),
    enter_long: entries.long,
    enter_short: entries.short,
    exit_long: exits.long,
    exit_short: exits.short,
    order_kind: entries.order?.kind ?? 'market',
    order_price: entries.order?.price ?? null,
    stop_distance: exits.stopDistance,
    target_distance: exits.targetDistance,
    simulation: toSimulation(draft),
  });
}

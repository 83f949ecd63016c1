/** A study file → a checked plan of a search. Every complaint names file, line and column. */
import { basename } from 'node:path';
import {
  AppError,
  type Constraint,
  type Parameter,
  type Period,
  type Sampler,
  type SearchSpace,
  type SimulationSettings,
  SamplerSchema,
  toObjectiveName,
} from '@quantbot/core';
import { parseYaml, readYamlFile, type YamlFile } from '../files/yaml-file.ts';
import { listNames, parseExpression } from '../expression/expression.ts';
import { ExpressionError } from '../expression/lexemes.ts';
import { toCandlePlan, type CandlePlan } from './candle-plan.ts';
import { toParameter } from './parameters.ts';
import { StudyFileSchema, type StudyFile, type SuccessCriteria } from './study-file-schema.ts';

export interface StudyPlan {
  readonly name: string;
  readonly strategy: StudyFile['strategy'] & { readonly name: string };
  readonly data: NonNullable<StudyFile['data']>;
  /** Whether the strategy is evaluated on calls of the catalogue: v1_baseline always, others if the file has `data`. */
  readonly usesCalls: boolean;
  /** Of a strategy on candles; its space may be empty until the strategy is known (`completePlan`). */
  readonly candles: CandlePlan | undefined;
  /** Of a strategy on candles: settings above what it says. */
  readonly simulation: SimulationSettings;
  readonly simulatorConfig: Readonly<Record<string, unknown>>;
  readonly space: SearchSpace;
  readonly sampler: Sampler;
  /** First: the one that model-based samplers and reports lead with. All are maximised. */
  readonly objectives: readonly string[];
  readonly periods: readonly Period[];
  readonly resultConstraints: readonly Constraint[];
  readonly successCriteria: SuccessCriteria;
  /** undefined: the file does not say. */
  readonly trials: number | undefined;
  readonly seed: number | undefined;
  readonly equityFloor: number | null;
}

type Place = (path: readonly PropertyKey[]) => string;
interface Search {
  readonly fields: NonNullable<StudyFile['optimization']>;
  /** Where a field of the search stands in the file. */
  readonly toPlace: Place;
  readonly toSource: YamlFile<StudyFile>['toSource'];
}

/** Throws INVALID_STUDY (file:line:column) or FILE_NOT_FOUND. */
export async function readStudyFile(path: string): Promise<StudyPlan> {
  return toPlan(await readYamlFile(path, StudyFileSchema, 'INVALID_STUDY'), path);
}

/** The same for a text that stands in no file; `path` names it in messages. */
export function parseStudyFile(text: string, path: string): StudyPlan {
  return toPlan(parseYaml(text, { path, schema: StudyFileSchema, code: 'INVALID_STUDY' }), path);
}

function toPlan(file: YamlFile<StudyFile>, path: string): StudyPlan {
  const { value } = file;
  const candles = toCandlePlan(file);
  return {
    name: value.name ?? basename(path).replace(/\.ya?ml$/, ''),
    strategy: { ...value.strategy, name: value.strategy.name ?? value.strategy.file ?? '' },
    data: value.data ?? {},
    usesCalls: candles === undefined && (value.data !== undefined || value.strategy.name === 'v1_baseline'),
    candles,
    simulation: value.simulation ?? {},
    // As written: the schema's copy would hold defaults.
    simulatorConfig: (file.written as StudyFile).simulator_config ?? {},
    ...toSearchPlan(toSearch(file), { path, isOptional: candles !== undefined }),
  };
}

type SearchPlan = Pick<
  StudyPlan,
  'space' | 'sampler' | 'objectives' | 'periods' | 'resultConstraints' | 'successCriteria' | 'trials' | 'seed' | 'equityFloor'
>;

function toSearchPlan(search: Search, rules: SpaceRules): SearchPlan {
  const { fields } = search;
  return {
    space: toSpace(search, rules),
    sampler: SamplerSchema.parse(typeof fields.sampler === 'object' ? fields.sampler : { name: fields.sampler ?? 'bayesian' }),
    objectives: [...new Set((fields.objectives ?? [fields.objective ?? 'final_balance']).map(toObjectiveName))],
    periods: [...new Set(fields.periods ?? (['all'] as const))],
    resultConstraints: toConstraints(search, 'result_constraints'),
    successCriteria: fields.success_criteria ?? {},
    trials: fields.trials,
    seed: fields.seed,
    equityFloor: fields.equity_floor ?? null,
  };
}

const SEARCH_FIELDS = Object.keys(StudyFileSchema.shape.optimization.unwrap().shape) as (keyof Search['fields'])[];

/** The two dialects become one; a field that stands in both places is refused, since one of the two would be ignored. */
function toSearch({ value, toPlace, toSource }: YamlFile<StudyFile>): Search {
  const nested = value.optimization ?? {};
  const twice = SEARCH_FIELDS.find((field) => value[field] !== undefined && nested[field] !== undefined);
  if (twice !== undefined) {
    throw new AppError(
      'INVALID_STUDY',
      `${toPlace(['optimization', twice])}: ${twice} stands at top level and under optimization; keep one of them`,
    );
  }
  const top = Object.fromEntries(SEARCH_FIELDS.flatMap((field) => (value[field] === undefined ? [] : [[field, value[field]]])));
  const merged: Search['fields'] = { ...top, ...nested };
  if (merged.parameters !== undefined && merged.optimize_params !== undefined) {
    throw new AppError(
      'INVALID_STUDY',
      `${toPlace(['optimize_params'])}: optimize_params is another word for parameters; keep one of them`,
    );
  }
  // The predecessor's word, wherever the parameters are looked for.
  const toWritten = (key: PropertyKey): PropertyKey =>
    key === 'parameters' && merged.optimize_params !== undefined ? 'optimize_params' : key;
  const toWhole = ([first = '', ...rest]: readonly PropertyKey[]): readonly PropertyKey[] => {
    const key = toWritten(first);
    return key in nested ? ['optimization', key, ...rest] : [key, ...rest];
  };
  const parameters = merged.parameters ?? merged.optimize_params;
  return {
    fields: { ...merged, ...(parameters !== undefined && { parameters }) },
    toPlace: (keys) => toPlace(toWhole(keys)),
    toSource: (keys) => toSource(toWhole(keys)),
  };
}

interface SpaceRules {
  readonly path: string;
  /** Whether the strategy may bring the parameters. */
  readonly isOptional: boolean;
}

function toSpace(search: Search, { path, isOptional }: SpaceRules): SearchSpace {
  const written = Object.entries(search.fields.parameters ?? {});
  if (written.length === 0 && isOptional) return { parameters: [], constraints: toConstraints(search, 'constraints') };
  if (written.length === 0)
    throw new AppError('INVALID_STUDY', `${path}: expected parameters (at top level or under optimization), found none`);
  const parameters = written.map(([name, value]): Parameter => {
    try {
      return toParameter(name, value, isDecimal(search, name));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new AppError('INVALID_STUDY', `${search.toPlace(['parameters', name])}: ${name}: ${error.message}`, { cause: error });
    }
  });
  const known = new Set(parameters.map(({ name }) => name));
  for (const parameter of parameters)
    refuseUnknown(
      parameter.when.map((condition) => condition.parameter),
      known,
      search.toPlace(['parameters', parameter.name, 'when']),
    );
  const constraints = toConstraints(search, 'constraints');
  constraints.forEach(({ tokens }, index) => {
    refuseUnknown(listNames(tokens), known, search.toPlace(['constraints', index]));
  });
  return { parameters, constraints };
}

/** `low: 0.0` means any number from 0 on, `low: 0` whole numbers; YAML makes one number of both. */
function isDecimal({ toSource }: Search, name: string): boolean {
  return ['low', 'high'].some((bound) => /[.eE]/.test(toSource(['parameters', name, bound]) ?? ''));
}

function toConstraints(search: Search, field: 'constraints' | 'result_constraints'): Constraint[] {
  return (search.fields[field] ?? []).map((text, index) => {
    try {
      return { text, tokens: parseExpression(text) };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const pointer = `${text}\n${' '.repeat(error.at)}^`;
      throw new AppError('INVALID_STUDY', `${search.toPlace([field, index])}: ${error.message}\n${pointer}`, { cause: error });
    }
  });
}

function refuseUnknown(names: readonly string[], known: ReadonlySet<string>, place: string): void {
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new AppError('INVALID_STUDY', `${place}: there is no parameter ${unknown}; there are ${[...known].join(', ')}`);
}

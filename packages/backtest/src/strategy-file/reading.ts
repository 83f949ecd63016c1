/** Reading a strategy: where each thing stands, what was wrong with it, and what it speaks of. All problems are collected, none thrown. */
import { MAX_PROBLEMS, type YamlFile } from '../files/yaml-file.ts';
import { suggest } from './nearest-name.ts';

/** A value and where it stands in the document. */
export interface Spot {
  readonly value: unknown;
  readonly path: readonly PropertyKey[];
}

/** What is known while a file is read, and what was found so far. */
export interface Reading {
  readonly yaml: Pick<YamlFile<unknown>, 'toPlace' | 'toKeyPlace'>;
  readonly problems: string[];
  /** Names of the file's parameters. */
  readonly parameterNames: ReadonlySet<string>;
  /** Signals that there are: built in, and of the workspace. */
  readonly signalNames: ReadonlySet<string>;
  /** Parameters that some rule or setting speaks of. */
  readonly used: Set<string>;
  /** Text of a rule, name of a signal, name of a setting → where it stands, to explain the engine's errors. */
  readonly places: { readonly rule: Map<string, Spot>; readonly signal: Map<string, Spot>; readonly field: Map<string, Spot> };
}

export function createReading(
  yaml: Reading['yaml'],
  { parameterNames, signalNames }: Pick<Reading, 'parameterNames' | 'signalNames'>,
): Reading {
  const places = { rule: new Map<string, Spot>(), signal: new Map<string, Spot>(), field: new Map<string, Spot>() };
  return { yaml, problems: [], parameterNames, signalNames, used: new Set(), places };
}

/** `file:line:column: entry.size: expected …`; with `at`, the column of that character of a text. */
export function complain(reading: Reading, spot: Spot, reason: { readonly message: string; readonly at?: number }): void {
  addProblem(reading, () => reading.yaml.toPlace(spot.path, reason.at), `${toName(spot)}${reason.message}`);
}

function addProblem({ problems }: Reading, findPlace: () => string, message: string): void {
  if (problems.length >= MAX_PROBLEMS) return;
  const problem = `${findPlace()}: ${message}`;
  // Two rules may lead to one and the same mistake.
  if (!problems.includes(problem)) problems.push(problem);
}

function toName({ path }: Spot): string {
  return path.length === 0 ? '' : `${path.join('.')}: `;
}

/** Says what was expected and what stands there. */
export function refuse(reading: Reading, spot: Spot, expected: string): void {
  complain(reading, spot, { message: `expected ${expected}, found ${describe(spot.value)}` });
}

/** Says what should stand in a mapping and does not. */
export function refuseMissing(reading: Reading, { path }: Pick<Spot, 'path'>, expected: string): void {
  complain(reading, { value: undefined, path }, { message: `expected ${expected}; it is missing` });
}

/** Those of the known fields that are there. */
export type Fields<Key extends string> = Readonly<Partial<Record<Key, Spot>>>;

/** The fields of a mapping; unknown ones are problems, nothing at all counts as an empty mapping. */
export function readFields<Key extends string>(reading: Reading, spot: Spot | undefined, keys: readonly Key[]): Fields<Key> {
  if (spot === undefined || spot.value === null) return {} as Fields<Key>;
  const entries = readEntries(reading, spot, `a mapping with ${keys.join(', ')}`);
  const known = entries.filter(([key, { path }]) => {
    if ((keys as readonly string[]).includes(key)) return true;
    const expected = `unknown key ${describe(key)}; expected one of ${keys.join(', ')}${suggest(key, keys)}`;
    addProblem(reading, () => reading.yaml.toKeyPlace(path), `${toName(spot)}${expected}`);
    return false;
  });
  return Object.fromEntries(known) as Fields<Key>;
}

/** All entries of a mapping, whatever their names. */
export function readEntries(reading: Reading, spot: Spot, expected: string): readonly (readonly [key: string, spot: Spot])[] {
  if (!isMapping(spot.value)) {
    refuse(reading, spot, expected);
    return [];
  }
  return Object.entries(spot.value).map(([key, value]) => [key, { value, path: [...spot.path, key] }] as const);
}

/** The entries of a list, or the thing itself as the only one. */
export function toItems({ value, path }: Spot): readonly Spot[] {
  return Array.isArray(value) ? value.map((item: unknown, index) => ({ value: item, path: [...path, index] })) : [{ value, path }];
}

export function readText(reading: Reading, spot: Spot | undefined, expected = 'a text'): string | undefined {
  if (spot === undefined) return undefined;
  const { value } = spot;
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  refuse(reading, spot, expected);
  return undefined;
}

export function readFlag(reading: Reading, spot: Spot | undefined): boolean | undefined {
  if (spot === undefined) return undefined;
  if (typeof spot.value === 'boolean') return spot.value;
  refuse(reading, spot, 'true or false');
  return undefined;
}

export function readChoice<Choice extends string>(
  reading: Reading,
  spot: Spot | undefined,
  choices: readonly Choice[],
): Choice | undefined {
  if (spot === undefined) return undefined;
  const found = choices.find((choice) => choice === spot.value);
  if (found !== undefined) return found;
  const hint = typeof spot.value === 'string' ? suggest(spot.value, choices) : '';
  complain(reading, spot, { message: `expected one of ${choices.join(', ')}, found ${describe(spot.value)}${hint}` });
  return undefined;
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As a person would call it: `"abc"`, 5, a list, a mapping, nothing. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : 'a mapping';
}

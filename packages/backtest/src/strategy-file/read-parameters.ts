/** `parameters`: constants, ranges to search, and expressions of other parameters, brought into an order in which each can be computed. */
import type { Expression, Parameter, ParameterValue } from '@quantbot/core';
import { listNames } from '../expression/expression.ts';
import { toParameter, WrittenParameterSchema, type WrittenParameter } from '../study-file/parameters.ts';
import { PRICES } from './known-names.ts';
import { readValue } from './read-expressions.ts';
import { complain, describe, isMapping, readEntries, refuse, type Reading, type Spot } from './reading.ts';

export interface ReadParameter {
  readonly name: string;
  readonly value: ParameterValue | Expression;
  readonly spot: Spot;
  /** What a study may search, if the file gives a range. */
  readonly axis: Parameter | undefined;
}

const NAME = /^[A-Za-z]\w*$/;
const RESERVED: readonly string[] = [...PRICES, 'and', 'or', 'not', 'true', 'false'];

/** Every parameter comes after those that it speaks of. */
export function readParameters(reading: Reading, spot: Spot | undefined): readonly ReadParameter[] {
  if (spot === undefined || spot.value === null) return [];
  const parameters = readEntries(reading, spot, 'a mapping from names to values').flatMap(([name, own]) => {
    if (!isName(reading, { ...own, value: name })) return [];
    const read = readParameter(reading, name, own);
    return read === undefined ? [] : [read];
  });
  return sort(reading, parameters);
}

function isName(reading: Reading, spot: Spot): boolean {
  const name = String(spot.value);
  if (RESERVED.includes(name)) refuse(reading, spot, 'another name: this one is a price or a word of the language');
  else if (!NAME.test(name)) refuse(reading, spot, 'a name of letters, digits and underscores that begins with a letter');
  return NAME.test(name) && !RESERVED.includes(name);
}

function readParameter(reading: Reading, name: string, spot: Spot): ReadParameter | undefined {
  const { value } = spot;
  if (isMapping(value)) return readRange(reading, name, spot);
  if (typeof value === 'string' && value.includes('${')) {
    const expression = readValue(reading, spot);
    return expression === undefined ? undefined : { name, value: expression, spot, axis: undefined };
  }
  if (isScalar(value)) return { name, value, spot, axis: undefined };
  const hint = Array.isArray(value) ? '; write {default: 10, values: [5, 10, 20]} for values to search' : '';
  refuse(reading, spot, `a number, a text, true, false, an expression such as \${fast} * 3, or a range with default${hint}`);
  return undefined;
}

function isScalar(value: unknown): value is ParameterValue {
  return typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' || typeof value === 'boolean';
}

const EXPECTED_RANGE = 'a range such as {default: 20, low: 10, high: 50, step: 5} or {default: 20, values: [10, 20, 50]}';

function readRange(reading: Reading, name: string, spot: Spot): ReadParameter | undefined {
  const { default: start, low, high, step, ...rest } = spot.value as Readonly<Record<string, unknown>>;
  const bounds = { ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
  const written = WrittenParameterSchema.safeParse(step === undefined ? { ...bounds, ...rest } : { start: low, end: high, step, ...rest });
  if (!isScalar(start) || !written.success || isConditional(written.data)) {
    const found = !isScalar(start) ? `default: ${describe(start)}` : `one with ${Object.keys(spot.value as object).join(', ')}`;
    complain(reading, spot, { message: `expected ${EXPECTED_RANGE}; found ${found}` });
    return undefined;
  }
  const isDecimal = !Number.isInteger(start);
  try {
    return { name, value: start, spot, axis: toParameter(name, written.data, isDecimal) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    complain(reading, spot, { message: error.message });
    return undefined;
  }
}

/** A parameter of a strategy always exists; one that only sometimes does belongs into a study file. */
function isConditional(written: WrittenParameter): boolean {
  return typeof written === 'object' && !Array.isArray(written) && written.when !== undefined;
}

/** Depth first, in the order of the file. A circle is reported once, with all its members. */
function sort(reading: Reading, parameters: readonly ReadParameter[]): readonly ReadParameter[] {
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const sorted = new Map<string, ReadParameter>();
  const blamed = new Set<string>();
  const visit = (parameter: ReadParameter, above: readonly string[]): void => {
    const { name } = parameter;
    if (sorted.has(name) || blamed.has(name)) return;
    const begin = above.indexOf(name);
    if (begin >= 0) {
      const circle = [...above.slice(begin), name];
      for (const member of circle) blamed.add(member);
      complain(reading, parameter.spot, { message: `parameters that need each other in a circle have no value: ${circle.join(' → ')}` });
      return;
    }
    for (const needed of listNeeds(parameter)) {
      const next = byName.get(needed);
      if (next !== undefined) visit(next, [...above, name]);
    }
    sorted.set(name, parameter);
  };
  for (const parameter of parameters) visit(parameter, []);
  return [...sorted.values()];
}

/** The parameters that a parameter is computed from. */
export function listNeeds({ value }: Pick<ReadParameter, 'value'>): readonly string[] {
  return typeof value === 'object' ? listNames(value.tokens) : [];
}

/** `when`: lists, `all`, `any`, signals and expressions → steps in postfix order. */
import type { ConditionStep, OutputTest } from '@quantbot/core';
import { toSignalName } from './known-names.ts';
import { suggest } from './nearest-name.ts';
import { readExpression, readLimit, readValue, type Value } from './read-expressions.ts';
import { complain, describe, isMapping, readEntries, readFields, refuse, toItems, type Reading, type Spot } from './reading.ts';

/** As deep as the engine follows. */
const MAX_DEPTH = 20;
const EXPECTED = 'a condition: an expression such as rsi(14) < 30, a mapping with signal, all or any, or a list of those';

/** undefined: nothing usable; what is wrong is among the problems. */
export function readCondition(reading: Reading, spot: Spot, depth = 0): ConditionStep[] | undefined {
  const { value } = spot;
  if (depth > MAX_DEPTH) {
    complain(reading, spot, { message: `conditions nest more than ${MAX_DEPTH} deep` });
    return undefined;
  }
  if (typeof value === 'string') {
    const expression = readExpression(reading, spot);
    return expression && [{ kind: 'expression', expression }];
  }
  if (Array.isArray(value)) return readGroup(reading, { spot, kind: 'all', depth });
  if (isMapping(value)) return 'signal' in value ? readSignal(reading, spot) : readNamedGroup(reading, spot, depth);
  refuse(reading, spot, EXPECTED);
  return undefined;
}

/** `all:` or `any:`. */
function readNamedGroup(reading: Reading, spot: Spot, depth: number): ConditionStep[] | undefined {
  const { all, any } = readFields(reading, spot, ['signal', 'outputs', 'parameters', 'all', 'any']);
  const group = all ?? any;
  if (group === undefined || (all !== undefined && any !== undefined)) {
    refuse(reading, spot, EXPECTED);
    return undefined;
  }
  if (Array.isArray(group.value)) return readGroup(reading, { spot: group, kind: all === undefined ? 'any' : 'all', depth });
  refuse(reading, group, 'a list of conditions');
  return undefined;
}

interface Group {
  readonly spot: Spot;
  readonly kind: 'all' | 'any';
  readonly depth: number;
}

function readGroup(reading: Reading, { spot, kind, depth }: Group): ConditionStep[] | undefined {
  const items = toItems(spot);
  if (items.length === 0) {
    refuse(reading, spot, 'at least one condition');
    return undefined;
  }
  const parts = items.map((item) => readCondition(reading, item, depth + 1));
  return joinConditions(kind, parts);
}

/** undefined if one of them could not be read. */
export function joinConditions(kind: 'all' | 'any', parts: readonly (ConditionStep[] | undefined)[]): ConditionStep[] | undefined {
  const readable = parts.filter((part) => part !== undefined);
  if (readable.length !== parts.length || readable.length === 0) return undefined;
  return readable.length === 1 ? readable[0] : [...readable.flat(), { kind, count: readable.length }];
}

function readSignal(reading: Reading, spot: Spot): ConditionStep[] | undefined {
  const { signal, outputs, parameters } = readFields(reading, spot, ['signal', 'outputs', 'parameters']);
  const name = signal === undefined ? undefined : readSignalName(reading, signal);
  const tests = outputs === undefined ? [] : readOutputs(reading, outputs);
  const values = parameters === undefined ? {} : readSignalParameters(reading, parameters);
  if (name === undefined) return undefined;
  // The engine takes one test of an output per step, so a second one of the same output makes a step of its own.
  const rounds = Math.max(1, ...tests.map(({ round }) => round + 1));
  const steps = Array.from({ length: rounds }, (_, round): ConditionStep[] => {
    const own = tests.filter((test) => test.round === round).map(({ test }) => test);
    return [{ kind: 'signal', signal: name, outputs: own, parameters: values }];
  });
  return joinConditions('all', steps);
}

/** A signal that there is, without the prefix. */
export function readSignalName(reading: Reading, spot: Spot): string | undefined {
  if (typeof spot.value !== 'string') {
    refuse(reading, spot, 'the name of a signal');
    return undefined;
  }
  const name = toSignalName(spot.value);
  if (!reading.places.signal.has(name)) reading.places.signal.set(name, spot);
  if (reading.signalNames.has(name)) return name;
  const known = [...reading.signalNames];
  complain(reading, spot, { message: `there is no signal ${name}; there are ${known.join(', ')}${suggest(name, known)}` });
  return undefined;
}

const NAME = /^[A-Za-z]\w*$/;

function readSignalParameters(reading: Reading, spot: Spot): Record<string, Value> {
  const entries = readEntries(reading, spot, 'a mapping of parameters of the signal').flatMap(([name, own]) => {
    if (!NAME.test(name)) refuse(reading, { ...own, value: name }, 'the name of a parameter of the signal');
    const value = readValue(reading, own);
    return value === undefined || !NAME.test(name) ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** `round`: how many tests of the same output come before it. */
interface RoundTest {
  readonly round: number;
  readonly test: OutputTest;
}

function readOutputs(reading: Reading, spot: Spot): readonly RoundTest[] {
  return readEntries(reading, spot, 'a mapping from outputs to what they must be').flatMap(([output, own]) =>
    readTests(reading, own).map((test, round) => ({ round, test: { output, one_of: null, threshold: null, ...test } })),
  );
}

type Test = Partial<Pick<OutputTest, 'one_of' | 'threshold'>>;
type Operator = NonNullable<OutputTest['threshold']>['operator'];

const COMPARISON = /^\s*(<=|>=|==|!=|<|>)/;
const OPERATOR_NAMES: Readonly<Record<string, Operator>> = {
  ...{ gt: '>', gte: '>=', ge: '>=', lt: '<', lte: '<=', le: '<=', eq: '==', ne: '!=' },
  ...{ '>': '>', '>=': '>=', '<': '<', '<=': '<=', '==': '==', '!=': '!=' },
};

function readTests(reading: Reading, spot: Spot): readonly Test[] {
  const { value } = spot;
  if (typeof value === 'string' && COMPARISON.test(value)) return readComparison(reading, spot, value);
  if (typeof value === 'number') return toThresholds('==', readValue(reading, spot));
  if (isMapping(value)) {
    return readEntries(reading, spot, 'a comparison').flatMap(([name, own]) => {
      const operator = Object.hasOwn(OPERATOR_NAMES, name) ? OPERATOR_NAMES[name] : undefined;
      if (operator === undefined) {
        const expected = `expected gt, gte, lt, lte, eq or ne, found ${describe(name)}${suggest(name, Object.keys(OPERATOR_NAMES))}`;
        complain(reading, own, { message: expected });
        return [];
      }
      return toThresholds(operator, readValue(reading, own));
    });
  }
  return readCategories(reading, spot);
}

function readCategories(reading: Reading, spot: Spot): readonly Test[] {
  const items = toItems(spot);
  const isWrong = ({ value }: Spot): boolean => typeof value !== 'string' || value === '' || value.includes('${');
  const wrong = items.find(isWrong);
  if (wrong === undefined && items.length > 0) return [{ one_of: items.map(({ value }) => String(value)) }];
  refuse(reading, wrong ?? spot, 'a category such as golden_cross, a list of them, or a comparison such as "> 0.5"');
  return [];
}

function readComparison(reading: Reading, spot: Spot, text: string): readonly Test[] {
  const [whole = '', operator = '=='] = COMPARISON.exec(text) ?? [];
  const limit = readLimit(reading, spot, { text: text.slice(whole.length), at: whole.length });
  return toThresholds(operator as Operator, limit);
}

function toThresholds(operator: Operator, value: Value | undefined): readonly Test[] {
  return value === undefined ? [] : [{ threshold: { operator, value } }];
}

/** Texts of a strategy that are expressions: conditions and prices per candle, and numbers that follow from parameters. */
import type { Expression, RuleToken } from '@quantbot/core';
import { listNames, parseRule, type ParsedRule } from '../expression/expression.ts';
import { ExpressionError } from '../expression/lexemes.ts';
import { FUNCTIONS, INDICATORS, PRICES, toSignalName } from './known-names.ts';
import { suggest } from './nearest-name.ts';
import { complain, refuse, type Reading, type Spot } from './reading.ts';

/** A number, or one that follows from parameters. */
export type Value = number | Expression;

/** An expression with a value per candle. A number counts as one. */
export function readExpression(reading: Reading, spot: Spot): Expression | undefined {
  const { value } = spot;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return toNumberExpression(value);
    refuse(reading, spot, 'a finite number');
    return undefined;
  }
  if (typeof value !== 'string') {
    refuse(reading, spot, 'an expression such as close - 2 * atr(14)');
    return undefined;
  }
  return parse(reading, spot, value);
}

/** A part of a scalar: what it says, and where it begins in the whole. */
interface Part {
  readonly text: string;
  readonly at: number;
}

/** A number, or an expression of parameters alone. */
export function readValue(reading: Reading, spot: Spot): Value | undefined {
  const { value } = spot;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'string') return readLimit(reading, spot, { text: value, at: 0 });
  refuse(reading, spot, 'a number, a parameter such as ${name}, or an expression of parameters');
  return undefined;
}

/** The same for a part of a text: the number that a comparison such as `>= ${level}` compares with. */
export function readLimit(reading: Reading, spot: Spot, part: Part): Value | undefined {
  const parsed = tryParse(reading, spot, part);
  if (parsed === undefined) return undefined;
  const [only] = parsed.tokens;
  if (parsed.tokens.length === 1 && only?.kind === 'number') return only.value;
  const isKnown = checkTokens(reading, spot, { ...parsed, at: part.at, findProblem: findProblemOfConstant });
  return isKnown ? keep(reading, spot, { text: part.text.trim(), tokens: parsed.tokens }) : undefined;
}

function toNumberExpression(value: number): Expression {
  return { text: String(value), tokens: [value < 0 ? { kind: 'number', value: -value } : { kind: 'number', value }, ...toSign(value)] };
}

function toSign(value: number): RuleToken[] {
  return value < 0 ? [{ kind: 'operator', operator: 'negate' }] : [];
}

export function toExpression(value: Value): Expression {
  return typeof value === 'number' ? toNumberExpression(value) : value;
}

/** Remembers where a rule stands, for errors of the engine, and which parameters it needs. */
export function keep(reading: Reading, spot: Spot, expression: Expression): Expression {
  if (!reading.places.rule.has(expression.text)) reading.places.rule.set(expression.text, spot);
  for (const name of listNames(expression.tokens)) if (reading.parameterNames.has(name)) reading.used.add(name);
  return expression;
}

function parse(reading: Reading, spot: Spot, text: string): Expression | undefined {
  const parsed = tryParse(reading, spot, { text, at: 0 });
  if (parsed === undefined) return undefined;
  const isKnown = checkTokens(reading, spot, { ...parsed, at: 0, findProblem });
  return isKnown ? keep(reading, spot, { text: text.trim(), tokens: parsed.tokens }) : undefined;
}

interface Check extends ParsedRule {
  readonly at: number;
  readonly findProblem: (reading: Reading, token: RuleToken) => string | undefined;
}

function checkTokens(reading: Reading, spot: Spot, { tokens, places, at, findProblem: find }: Check): boolean {
  const problems = tokens.map((token, index) => ({ message: find(reading, token), at: at + (places[index] ?? 0) }));
  const found = problems.flatMap(({ message, at: place }) => (message === undefined ? [] : [{ message, at: place }]));
  for (const problem of found) complain(reading, spot, problem);
  return found.length === 0;
}

function tryParse(reading: Reading, spot: Spot, { text, at }: Part): ParsedRule | undefined {
  try {
    return parseRule(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    complain(reading, spot, { message: error.message, at: at + error.at });
    return undefined;
  }
}

function findProblem({ parameterNames, signalNames }: Reading, token: RuleToken): string | undefined {
  if (token.kind === 'name') {
    const { name } = token;
    if (parameterNames.has(name) || PRICES.includes(name)) return undefined;
    if (isCallable(name, signalNames)) return `${name} needs its brackets: write ${name}(...)`;
    const known = [...PRICES, ...parameterNames, ...INDICATORS, ...FUNCTIONS];
    return `expected a price (${PRICES.join(', ')}), a parameter or a call, found ${name}${suggest(name, known)}`;
  }
  if (token.kind !== 'call' || isCallable(token.name, signalNames)) return undefined;
  const [name = ''] = toSignalName(token.name).split('.');
  return `unknown indicator, function or signal ${name}${suggest(name, [...INDICATORS, ...FUNCTIONS, ...signalNames])}`;
}

function isCallable(written: string, signalNames: ReadonlySet<string>): boolean {
  const [name = ''] = toSignalName(written).split('.');
  return FUNCTIONS.includes(written) || INDICATORS.includes(name) || signalNames.has(name);
}

/** Functions that make a number of numbers. */
const OF_NUMBERS: readonly string[] = ['abs', 'min', 'max'];

function findProblemOfConstant({ parameterNames }: Reading, token: RuleToken): string | undefined {
  if (token.kind === 'name' && !parameterNames.has(token.name)) {
    return `expected a parameter, found ${token.name}${suggest(token.name, parameterNames)}; this number is the same on every candle`;
  }
  if (token.kind === 'call' && !OF_NUMBERS.includes(token.name)) {
    return `expected a number that is the same on every candle, found ${token.name}(...)`;
  }
  return undefined;
}

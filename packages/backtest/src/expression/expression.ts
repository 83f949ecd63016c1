/**
 * Conditions as people write them → tokens in postfix order: between parameters (`fast + 5 < slow and not flat`) in studies, over prices and
 * indicators (`rsi(14) < 30 and close > sma(200)`) in strategies. A closed little language: no access to anything.
 */
import type { RuleToken, Token } from '@quantbot/core';
import { ExpressionError, toLexemes, type Lexeme } from './lexemes.ts';

/** An expression of a strategy. */
export interface ParsedRule {
  readonly tokens: RuleToken[];
  /** Where each token begins in the text, 0-based; for operators: where they stand. */
  readonly places: readonly number[];
}

/** Without calls. Precedence, weakest first: or, and, not, comparison, + -, * /, minus sign. Throws ExpressionError. */
export function parseExpression(text: string): Token[] {
  const { tokens } = parse(text, false);
  return tokens.filter((token) => token.kind !== 'call');
}

/** With calls: `sma(close, 20)`, `macd.signal(12, 26, 9)`, the same as `macd(12, 26, 9).signal`. Throws ExpressionError. */
export function parseRule(text: string): ParsedRule {
  return parse(text, true);
}

function parse(text: string, allowsCalls: boolean): ParsedRule {
  const cursor = createCursor(toLexemes(text), allowsCalls);
  parseOr(cursor);
  const rest = cursor.peek();
  if (rest.kind !== 'end') throw new ExpressionError(`expected an operator, found "${rest.text}"`, rest.at);
  return cursor;
}

interface Cursor extends ParsedRule {
  readonly allowsCalls: boolean;
  peek(): Lexeme;
  next(): Lexeme;
  emit(token: RuleToken, at: number): void;
}

function createCursor(lexemes: readonly Lexeme[], allowsCalls: boolean): Cursor {
  const end = lexemes.at(-1) ?? { text: 'the end', kind: 'end', at: 0 };
  const tokens: RuleToken[] = [];
  const places: number[] = [];
  let position = 0;
  return {
    tokens,
    places,
    allowsCalls,
    peek: () => lexemes[position] ?? end,
    next: () => lexemes[position++] ?? end,
    emit: (token, at) => {
      tokens.push(token);
      places.push(at);
    },
  };
}

type Operator = Extract<Token, { kind: 'operator' }>['operator'];

const COMPARISONS: readonly Operator[] = ['<', '<=', '>', '>=', '==', '!='];
const WORDS: readonly string[] = ['and', 'or', 'not'];

/** The operator that stands here, if it is one of these. A parameter may be called `${and}`: only names and symbols are operators. */
function peekOperator(cursor: Cursor, operators: readonly Operator[]): Operator | undefined {
  const { kind, text } = cursor.peek();
  return kind === 'name' || kind === 'symbol' ? operators.find((operator) => operator === text) : undefined;
}

function parseBinary(cursor: Cursor, operators: readonly Operator[], parseOperand: (cursor: Cursor) => void): void {
  parseOperand(cursor);
  for (let operator = peekOperator(cursor, operators); operator !== undefined; operator = peekOperator(cursor, operators)) {
    const { at } = cursor.next();
    parseOperand(cursor);
    cursor.emit({ kind: 'operator', operator }, at);
  }
}

function parseOr(cursor: Cursor): void {
  parseBinary(cursor, ['or'], parseAnd);
}

function parseAnd(cursor: Cursor): void {
  parseBinary(cursor, ['and'], parseNot);
}

function parseNot(cursor: Cursor): void {
  parsePrefixed(cursor, { word: 'not', operator: 'not' }, parseComparison);
}

function parseComparison(cursor: Cursor): void {
  parseSum(cursor);
  const operator = peekOperator(cursor, COMPARISONS);
  if (operator === undefined) return;
  const { at } = cursor.next();
  parseSum(cursor);
  cursor.emit({ kind: 'operator', operator }, at);
  if (peekOperator(cursor, COMPARISONS) !== undefined)
    throw new ExpressionError('comparisons do not chain; write a < b and b < c', cursor.peek().at);
}

function parseSum(cursor: Cursor): void {
  parseBinary(cursor, ['+', '-'], parseProduct);
}

function parseProduct(cursor: Cursor): void {
  parseBinary(cursor, ['*', '/'], parseSigned);
}

function parseSigned(cursor: Cursor): void {
  parsePrefixed(cursor, { word: '-', operator: 'negate' }, parseOperand);
}

/** Counts instead of recursing: a thousand signs in a row must not exhaust the stack. */
function parsePrefixed(
  cursor: Cursor,
  prefix: { readonly word: '-' | 'not'; readonly operator: Operator },
  parseRest: (cursor: Cursor) => void,
): void {
  const places: number[] = [];
  while (peekOperator(cursor, [prefix.word]) !== undefined) places.push(cursor.next().at);
  parseRest(cursor);
  for (const at of places.reverse()) cursor.emit({ kind: 'operator', operator: prefix.operator }, at);
}

function parseOperand(cursor: Cursor): void {
  const lexeme = cursor.next();
  const { text, at, kind } = lexeme;
  if (kind === 'number') cursor.emit({ kind: 'number', value: Number(text) }, at);
  else if (kind === 'parameter') cursor.emit({ kind: 'name', name: text }, at);
  else if (kind === 'name' && !WORDS.includes(text)) parseName(cursor, lexeme);
  else if (kind === 'symbol' && text === '(') parseGroup(cursor);
  else throw new ExpressionError(`expected a number, a name or "(", found ${toFound(lexeme)}`, at);
}

function parseName(cursor: Cursor, { text, at }: Lexeme): void {
  if (!cursor.allowsCalls || cursor.peek().text !== '(') {
    cursor.emit({ kind: 'name', name: text }, at);
    return;
  }
  cursor.next();
  const count = parseArguments(cursor);
  const output = cursor.peek().kind === 'output' ? cursor.next() : undefined;
  if (output !== undefined && text.includes('.')) {
    throw new ExpressionError(`expected one output, found ${text} and ${output.text}`, output.at);
  }
  cursor.emit({ kind: 'call', name: `${text}${output?.text ?? ''}`, arguments: count }, at);
}

function parseArguments(cursor: Cursor): number {
  if (cursor.peek().text === ')') {
    cursor.next();
    return 0;
  }
  for (let count = 1; ; count += 1) {
    parseOr(cursor);
    const separator = cursor.next();
    if (separator.text === ')') return count;
    if (separator.text !== ',') throw new ExpressionError(`expected "," or ")", found ${toFound(separator)}`, separator.at);
  }
}

function parseGroup(cursor: Cursor): void {
  parseOr(cursor);
  const close = cursor.next();
  if (close.text !== ')') throw new ExpressionError(`expected ")", found ${toFound(close)}`, close.at);
}

function toFound(lexeme: Lexeme): string {
  return lexeme.kind === 'end' ? 'the end' : `"${lexeme.text}"`;
}

/** Names that an expression uses, each once. */
export function listNames(tokens: readonly RuleToken[]): readonly string[] {
  return [...new Set(tokens.flatMap((token) => (token.kind === 'name' ? [token.name] : [])))];
}

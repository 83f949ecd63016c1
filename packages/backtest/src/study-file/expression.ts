/** Conditions as people write them (`fast + 5 < slow and not flat`) → tokens in postfix order. A closed little language: no calls, no access to anything. */
import type { Token } from '@quantbot/core';

/** What is wrong and where: `at` is the 0-based position in the text. */
export class ExpressionError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

interface Lexeme {
  readonly text: string;
  readonly kind: 'number' | 'name' | 'symbol' | 'end';
  readonly at: number;
}

type Operator = Extract<Token, { kind: 'operator' }>['operator'];

const LEXEME = /\s*(?:(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_][\w.]*)|(?<symbol><=|>=|==|!=|[-+*/()<>]))/y;
const MAX_LENGTH = 1_000;
const MAX_DEPTH = 50;
const COMPARISONS = new Set(['<', '<=', '>', '>=', '==', '!=']);

function toLexemes(text: string): readonly Lexeme[] {
  if (text.length > MAX_LENGTH) throw new ExpressionError(`a condition may have ${String(MAX_LENGTH)} characters`, MAX_LENGTH);
  const lexemes: Lexeme[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    LEXEME.lastIndex = at;
    const { number, name, symbol } = LEXEME.exec(text)?.groups ?? {};
    const found = number ?? name ?? symbol;
    if (found === undefined) {
      const bad = at + (text.slice(at).length - text.slice(at).trimStart().length);
      throw new ExpressionError(
        `expected a number, a name or one of + - * / < <= > >= == != ( ), found "${text.slice(bad, bad + 10)}"`,
        bad,
      );
    }
    at = LEXEME.lastIndex;
    lexemes.push({ text: found, kind: number !== undefined ? 'number' : name !== undefined ? 'name' : 'symbol', at: at - found.length });
  }
  refuseDeepBrackets(lexemes);
  return [...lexemes, { text: 'the end', kind: 'end', at: text.length }];
}

function refuseDeepBrackets(lexemes: readonly Lexeme[]): void {
  let depth = 0;
  for (const { text, at } of lexemes) {
    depth += text === '(' ? 1 : text === ')' ? -1 : 0;
    if (depth > MAX_DEPTH) throw new ExpressionError('brackets nest too deeply', at);
  }
}

/** Precedence, weakest first: or, and, not, comparison, + -, * /, minus sign. Throws ExpressionError. */
export function parseExpression(text: string): Token[] {
  const cursor = createCursor(toLexemes(text));
  parseOr(cursor);
  const rest = cursor.peek();
  if (rest.kind !== 'end') throw new ExpressionError(`expected an operator, found "${rest.text}"`, rest.at);
  return cursor.tokens;
}

interface Cursor {
  readonly tokens: Token[];
  peek(): Lexeme;
  next(): Lexeme;
  emit(operator: string): void;
}

function createCursor(lexemes: readonly Lexeme[]): Cursor {
  const end = lexemes.at(-1) ?? { text: 'the end', kind: 'end', at: 0 };
  const tokens: Token[] = [];
  let position = 0;
  return {
    tokens,
    peek: () => lexemes[position] ?? end,
    next: () => lexemes[position++] ?? end,
    emit: (operator) => void tokens.push({ kind: 'operator', operator: operator as Operator }),
  };
}

function parseBinary(cursor: Cursor, operators: readonly string[], parseOperand: (cursor: Cursor) => void): void {
  parseOperand(cursor);
  while (operators.includes(cursor.peek().text)) {
    const { text } = cursor.next();
    parseOperand(cursor);
    cursor.emit(text);
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
  if (!COMPARISONS.has(cursor.peek().text)) return;
  const { text } = cursor.next();
  parseSum(cursor);
  cursor.emit(text);
  if (COMPARISONS.has(cursor.peek().text)) throw new ExpressionError('comparisons do not chain; write a < b and b < c', cursor.peek().at);
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
  prefix: { readonly word: string; readonly operator: Operator },
  parseRest: (cursor: Cursor) => void,
): void {
  let count = 0;
  for (; cursor.peek().text === prefix.word; count += 1) cursor.next();
  parseRest(cursor);
  for (; count > 0; count -= 1) cursor.emit(prefix.operator);
}

function parseOperand(cursor: Cursor): void {
  const lexeme = cursor.next();
  if (lexeme.kind === 'number') cursor.tokens.push({ kind: 'number', value: Number(lexeme.text) });
  else if (lexeme.kind === 'name' && !['and', 'or', 'not'].includes(lexeme.text)) cursor.tokens.push({ kind: 'name', name: lexeme.text });
  else if (lexeme.text === '(') parseGroup(cursor);
  else throw new ExpressionError(`expected a number, a name or "(", found ${toFound(lexeme)}`, lexeme.at);
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
export function listNames(tokens: readonly Token[]): readonly string[] {
  return [...new Set(tokens.flatMap((token) => (token.kind === 'name' ? [token.name] : [])))];
}

/** The words of the little language of conditions: numbers, names, `${names}`, outputs (`.signal` after a bracket) and symbols. */

/** What is wrong and where: `at` is the 0-based position in the text. */
export class ExpressionError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export interface Lexeme {
  /** Of a name in `${}` the name alone. */
  readonly text: string;
  readonly kind: 'number' | 'name' | 'parameter' | 'output' | 'symbol' | 'end';
  readonly at: number;
}

const LEXEME = new RegExp(
  [
    String.raw`\s*(?:(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)`,
    String.raw`\$\{\s*(?<parameter>[A-Za-z_]\w*)\s*\}`,
    String.raw`(?<name>[A-Za-z_][\w.]*)`,
    String.raw`(?<output>\.[A-Za-z_]\w*)`,
    String.raw`(?<symbol><=|>=|==|!=|[-+*/()<>,]))`,
  ].join('|'),
  'y',
);
const MAX_LENGTH = 1_000;
const MAX_DEPTH = 50;

/** Throws ExpressionError for a character that has no place in the language, a text that is too long, and brackets without end. */
export function toLexemes(text: string): readonly Lexeme[] {
  if (text.length > MAX_LENGTH) throw new ExpressionError(`a condition may have ${String(MAX_LENGTH)} characters`, MAX_LENGTH);
  const lexemes: Lexeme[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    const start = at + (text.slice(at).length - text.slice(at).trimStart().length);
    LEXEME.lastIndex = at;
    const found = toLexeme(LEXEME.exec(text)?.groups ?? {}, start);
    if (found === undefined) throw new ExpressionError(describeStranger(text.slice(start)), start);
    at = LEXEME.lastIndex;
    lexemes.push(found);
  }
  refuseDeepBrackets(lexemes);
  return [...lexemes, { text: 'the end', kind: 'end', at: text.length }];
}

const KINDS = ['number', 'name', 'parameter', 'output', 'symbol'] as const;

function toLexeme(groups: Readonly<Record<string, string | undefined>>, at: number): Lexeme | undefined {
  for (const kind of KINDS) {
    const text = groups[kind];
    if (text === undefined) continue;
    if (kind === 'number' && !Number.isFinite(Number(text))) throw new ExpressionError(`expected a finite number, found ${text}`, at);
    return { text, kind, at };
  }
  return undefined;
}

/** What people write from habit → how it is written here. */
const HABITS: readonly (readonly [habit: string, hint: string])[] = [
  ['=', 'compare with ==; parameters of a call stand in order, without names'],
  ['&', 'write and'],
  ['|', 'write or'],
  ['!', 'write not'],
  ['%', 'write a fraction: 2 % is 0.02'],
  ['[', 'write previous(x, 1) for x of the candle before'],
  ['$', 'write ${name}'],
];

function describeStranger(rest: string): string {
  const hint = HABITS.find(([habit]) => rest.startsWith(habit))?.[1];
  const expected = `expected a number, a name or one of + - * / < <= > >= == != ( ), found "${rest.slice(0, 10)}"`;
  return hint === undefined ? expected : `${expected}; ${hint}`;
}

function refuseDeepBrackets(lexemes: readonly Lexeme[]): void {
  let depth = 0;
  for (const { text, at } of lexemes) {
    depth += text === '(' ? 1 : text === ')' ? -1 : 0;
    if (depth > MAX_DEPTH) throw new ExpressionError('brackets nest too deeply', at);
  }
}

/** YAML that people write: read within limits, checked strictly, every complaint with its place in the file. */
import { readFile } from 'node:fs/promises';
import { AppError, type ErrorCode } from '@quantbot/core';
import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document, type Node, type ParsedNode, type Scalar } from 'yaml';
import type { z } from 'zod';

const MAX_BYTES = 256 * 1024;
const MAX_DEPTH = 64;
const MAX_ALIASES = 100;
/** Nobody reads more, and finding the place of each takes time. */
export const MAX_PROBLEMS = 100;

export interface YamlFile<T> {
  /** As checked, with the schema's defaults. */
  readonly value: T;
  /** As written, without defaults. */
  readonly written: unknown;
  /** `file:line:column` of a path in the document, or of the nearest thing above it; with `at`, of that character of a text. */
  readonly toPlace: (path: readonly PropertyKey[], at?: number) => string;
  /** The same of the key, where `toPlace` gives its value. */
  readonly toKeyPlace: (path: readonly PropertyKey[]) => string;
  /** The characters of a scalar as they stand in the file: `0.0` and `0` are one number and two texts. */
  readonly toSource: (path: readonly PropertyKey[]) => string | undefined;
}

/** Throws AppError `code` that names file, line and column of every problem; FILE_NOT_FOUND if there is no such file. */
export async function readYamlFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  code: ErrorCode,
): Promise<YamlFile<z.output<Schema>>> {
  return parseYaml(await readYamlText(path), { path, schema, code });
}

interface YamlRules<Schema extends z.ZodType> {
  /** How the text is named in messages. */
  readonly path: string;
  readonly schema: Schema;
  readonly code: ErrorCode;
}

/** The same for a text that stands in no file yet. */
export function parseYaml<Schema extends z.ZodType>(text: string, { path, schema, code }: YamlRules<Schema>): YamlFile<z.output<Schema>> {
  refuseMonsters(text, path, code);
  const lines = new LineCounter();
  const document = readDocument(text, lines, { path, code });
  const written = readValues(document, { path, code });
  const toLine = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${String(line)}:${String(col)}`;
  };
  const toPlace = (keys: readonly PropertyKey[], at?: number): string => {
    const node = findNode(document, keys);
    return node === undefined ? path : toLine(toOffset(text, node, at));
  };
  const toKeyPlace = (keys: readonly PropertyKey[]): string => {
    const key = findKey(document, keys);
    return key === undefined ? toPlace(keys) : toLine(key.range[0]);
  };
  const toSource = (keys: readonly PropertyKey[]): string | undefined => {
    const node: unknown = document.getIn(keys, true);
    return isScalar(node) ? node.source : undefined;
  };
  const checked = schema.safeParse(written);
  if (checked.success) return { value: checked.data, written, toPlace, toKeyPlace, toSource };
  const problems = checked.error.issues.slice(0, MAX_PROBLEMS).map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
    return `${toPlace(keys)}: ${issue.path.length === 0 ? '' : `${issue.path.join('.')}: `}${issue.message}`;
  });
  throw new AppError(code, problems.join('\n'), { details: { problems } });
}

/** Throws FILE_NOT_FOUND. */
export async function readYamlText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new AppError('FILE_NOT_FOUND', `expected a file, found nothing: ${path}`, { cause: error });
  }
}

/** The parser recurses, so depth is limited before it sees the text. Brackets in quotes count too: harmless below the limit. */
function refuseMonsters(text: string, path: string, code: ErrorCode): void {
  if (text.length > MAX_BYTES) throw new AppError(code, `${path} is larger than ${String(MAX_BYTES / 1024)} KiB`);
  let brackets = 0;
  for (const character of text) {
    if (character === '[' || character === '{') brackets += 1;
    else if (character === ']' || character === '}') brackets -= 1;
    if (brackets > MAX_DEPTH) throw new AppError(code, `${path}: brackets nest more than ${String(MAX_DEPTH)} deep`);
  }
  // No expression here may look at a character more than once or twice: a text of line breaks alone must not take minutes.
  const dashes = text.split('\n').some((line) => /^[ \t]*(?:-[ \t]+){65}/.test(line) || line.startsWith(DEEP_INDENT));
  if (dashes) throw new AppError(code, `${path}: blocks nest more than ${String(MAX_DEPTH)} deep`);
}

const DEEP_INDENT = ' '.repeat(512);

type Source = Pick<YamlRules<z.ZodType>, 'path' | 'code'>;

function readDocument(text: string, lines: LineCounter, { path, code }: Source): Document.Parsed {
  const document = attempt(() => parseDocument(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'error' }), { path, code });
  const [syntaxError] = document.errors;
  if (syntaxError === undefined) {
    refuseTwins(document, lines, { path, code });
    return document;
  }
  const { line, col } = lines.linePos(syntaxError.pos[0]);
  const lineText = text.slice(lines.lineStarts[line - 1], lines.lineStarts[line]);
  const hint = lineText.includes('${') ? '; within { } or [ ] a text with ${…} needs quotes' : '';
  throw new AppError(code, `${path}:${String(line)}:${String(col)}: ${syntaxError.message.split('\n')[0] ?? 'not YAML'}${hint}`);
}

/** The parser's own check compares every key of a mapping with every other one, which takes minutes for a large mapping. */
function refuseTwins(document: Document.Parsed, lines: LineCounter, { path, code }: Source): void {
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        const { line, col } = lines.linePos(key.range?.[0] ?? 0);
        if (seen.has(name))
          throw new AppError(code, `${path}:${String(line)}:${String(col)}: the key ${name.slice(0, 60)} stands twice; keep one of them`);
        seen.add(name);
      }
    },
  });
}

function readValues(document: Document.Parsed, source: Source): unknown {
  return attempt((): unknown => document.toJS({ maxAliasCount: MAX_ALIASES }), source);
}

/** The parser throws errors of its own for aliases without an anchor or with too many copies, and runs out of stack on exotic nesting. */
function attempt<T>(read: () => T, { path, code }: Source): T {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof RangeError ? 'blocks nest too deeply' : cause instanceof Error ? cause.message : String(cause);
    throw new AppError(code, `${path}: ${reason}`, { cause });
  }
}

/** The thing at a path, or the nearest above it that is there. */
function findNode(document: Document.Parsed, path: readonly PropertyKey[]): Node | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node;
  }
  return undefined;
}

function findKey(document: Document.Parsed, path: readonly PropertyKey[]): ParsedNode | undefined {
  const above: unknown = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap<ParsedNode>(above)) return undefined;
  return above.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)))?.key;
}

/**
 * Where character `at` of a text stands in the file. YAML folds lines and indents, but keeps the order of what is not blank: so
 * those characters are counted. Escapes in double quotes move it a little.
 */
function toOffset(text: string, node: Node, at: number | undefined): number {
  const [start = 0, end = 0] = node.range ?? [];
  if (at === undefined || !isScalar(node) || typeof node.value !== 'string') return start;
  let offset = start + countOpening(text, node);
  let left = node.value.slice(0, at).replaceAll(/\s/g, '').length;
  for (; offset < end; offset += 1) {
    if (/\s/.test(text.charAt(offset))) continue;
    if (left === 0) break;
    left -= 1;
  }
  return offset;
}

/** Characters before a text begins: a quote, or the line with `>` or `|`. */
function countOpening(text: string, { type, range }: Scalar): number {
  const start = range?.[0] ?? 0;
  if (type === 'BLOCK_FOLDED' || type === 'BLOCK_LITERAL') return text.indexOf('\n', start) + 1 - start;
  return type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE' ? 1 : 0;
}

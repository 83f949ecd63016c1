/** YAML that people write: read within limits, checked strictly, every complaint with its place in the file. */
import { readFile } from 'node:fs/promises';
import { AppError, type ErrorCode } from '@quantbot/core';
import { isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';

const MAX_BYTES = 256 * 1024;
const MAX_DEPTH = 64;
const MAX_ALIASES = 100;

export interface YamlFile<T> {
  /** As checked, with the schema's defaults. */
  readonly value: T;
  /** As written, without defaults. */
  readonly written: unknown;
  /** `file:line:column` of a path in the document, or of the nearest thing above it. */
  readonly toPlace: (path: readonly PropertyKey[]) => string;
  /** The characters of a scalar as they stand in the file: `0.0` and `0` are one number and two texts. */
  readonly toSource: (path: readonly PropertyKey[]) => string | undefined;
}

/** Throws AppError `code` that names file, line and column of every problem; FILE_NOT_FOUND if there is no such file. */
export async function readYamlFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  code: ErrorCode,
): Promise<YamlFile<z.output<Schema>>> {
  return parseYaml(await readText(path), { path, schema, code });
}

interface YamlRules<Schema extends z.ZodType> {
  /** How the text is named in messages. */
  readonly path: string;
  readonly schema: Schema;
  readonly code: ErrorCode;
}

function parseYaml<Schema extends z.ZodType>(text: string, { path, schema, code }: YamlRules<Schema>): YamlFile<z.output<Schema>> {
  refuseMonsters(text, path, code);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    const { line, col } = lines.linePos(syntaxError.pos[0]);
    throw new AppError(code, `${path}:${String(line)}:${String(col)}: ${syntaxError.message.split('\n')[0] ?? 'not YAML'}`);
  }
  const written: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
  const toPlace = (keys: readonly PropertyKey[]): string => `${path}${toLineAndColumn(document, lines, keys)}`;
  const toSource = (keys: readonly PropertyKey[]): string | undefined => {
    const node: unknown = document.getIn(keys, true);
    return isScalar(node) ? node.source : undefined;
  };
  const checked = schema.safeParse(written);
  if (checked.success) return { value: checked.data, written, toPlace, toSource };
  const problems = checked.error.issues.map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
    return `${toPlace(keys)}: ${issue.path.length === 0 ? '' : `${issue.path.join('.')}: `}${issue.message}`;
  });
  throw new AppError(code, problems.join('\n'), { details: { problems } });
}

async function readText(path: string): Promise<string> {
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
  const dashes = /^\s*(?:-\s+){65}/m.test(text) || /^ {512}/m.test(text);
  if (dashes) throw new AppError(code, `${path}: blocks nest more than ${String(MAX_DEPTH)} deep`);
}

function toLineAndColumn(document: Document, lines: LineCounter, path: readonly PropertyKey[]): string {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return `:${String(line)}:${String(col)}`;
    }
  }
  return '';
}

/** From the paths a user names to the files to import: a file is itself, a folder stands for the files in it and in its folders. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type SourceFormat } from '@quantbot/core';

const FORMATS: readonly (readonly [extension: string, format: SourceFormat])[] = [
  ['.csv', 'csv'],
  ['.csv.gz', 'csv'],
  ['.tsv', 'csv'],
  ['.tsv.gz', 'csv'],
  ['.jsonl', 'jsonl'],
  ['.jsonl.gz', 'jsonl'],
  ['.ndjson', 'jsonl'],
  ['.ndjson.gz', 'jsonl'],
  ['.json', 'json'],
  ['.json.gz', 'json'],
  ['.parquet', 'parquet'],
  ['.duckdb', 'duckdb'],
  ['.db', 'duckdb'],
];

export interface FoundFile {
  readonly path: string;
  readonly format: SourceFormat;
}

function findExtension(path: string): readonly [extension: string, format: SourceFormat] | undefined {
  return FORMATS.find(([extension]) => path.toLowerCase().endsWith(extension));
}

/** `data/ETHFI-USDT_5m.csv.gz` → `ETHFI-USDT_5m`. */
export function toStem(path: string): string {
  const name = path.split(/[/\\]/).at(-1) ?? path;
  const [extension] = findExtension(name) ?? [/\.[^.]+$/.exec(name)?.[0] ?? ''];
  return name.slice(0, name.length - extension.length);
}

async function listFolder(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const paths = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    const found = entry.isSymbolicLink() ? await stat(path).catch(() => entry) : entry;
    if (found.isDirectory()) return depth > 0 ? listFolder(path, depth - 1) : [];
    return found.isFile() ? [path] : [];
  });
  return (await Promise.all(paths)).flat();
}

async function findInFolder(folder: string, isQuery: boolean): Promise<FoundFile[]> {
  const found = (await listFolder(folder, 1)).sort().flatMap((path) => {
    const format = findExtension(path)?.[1];
    // A database in a folder of files is only meant when a table or query says what to read of it.
    return format === undefined || (format === 'duckdb' && !isQuery) ? [] : [{ path, format }];
  });
  if (found.length === 0) {
    throw new AppError(
      'FILE_NOT_FOUND',
      `there is nothing to import in ${folder}; recognised are files that end in ${FORMATS.map(([extension]) => extension).join(', ')}`,
    );
  }
  return found;
}

/** FILE_NOT_FOUND for a path that is not there, or a folder without files of a known extension. A file of another extension is read as CSV. */
export async function findFiles(paths: readonly string[], isQuery: boolean): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const path of paths) {
    const entry = await stat(path).catch((error: unknown) => {
      throw new AppError('FILE_NOT_FOUND', `there is no file or folder ${path}`, { cause: error });
    });
    if (entry.isDirectory()) found.push(...(await findInFolder(path, isQuery)));
    else found.push({ path, format: isQuery ? 'duckdb' : (findExtension(path)?.[1] ?? 'csv') });
  }
  return found;
}

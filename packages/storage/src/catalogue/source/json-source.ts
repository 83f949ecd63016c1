/** JSON: one object per line (plain or gzipped), or one array of objects. */
import { createInterface } from 'node:readline';
import type { RowProblem } from '@quantbot/core';
import type { DuckDbSession } from '../../duckdb/session.ts';
import { quotePath, quoteText } from '../../duckdb/sql-text.ts';
import { messageOf } from '../../failures.ts';
import { loadRows, type NumberedCells } from './exact-rows.ts';
import type { Picks, Source, SourceContext } from './source.ts';
import { fingerprint, openText, openTextFile, unreadable, type TextFile } from './text-file.ts';

/** Columns are found in this many objects; a key that first turns up later is not seen. */
const SAMPLE_OBJECTS = 10_000;

function readObjects(file: TextFile, isArray: boolean): string {
  const compression = quoteText(file.isGzip ? 'gzip' : 'uncompressed');
  return `SELECT row_number() OVER () AS n, json FROM read_json_objects(${quotePath(file.path)},
    format = '${isArray ? 'array' : 'newline_delimited'}', compression = ${compression}, hive_partitioning = false)`;
}

/** A JSON pointer, because it can name any key. */
function toPointer(key: string): string {
  return quoteText(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}

function pickFields(objects: string, picks: Picks): string {
  const fields = Object.entries(picks).map(([field, column]) => `json_extract_string(json, ${toPointer(column.name)}) AS ${field}`);
  return `SELECT n, ${fields.join(', ')} FROM (${objects})`;
}

async function findKeys(session: DuckDbSession, objects: string): Promise<string[]> {
  const rows = await session.rows(
    `SELECT key FROM (SELECT n, unnest(json_keys(json)) AS key, generate_subscripts(json_keys(json), 1) AS place
       FROM (${objects} LIMIT ${String(SAMPLE_OBJECTS)}) WHERE json_valid(json) AND json_type(json) = 'OBJECT')
     GROUP BY key ORDER BY min(n), min(place)`,
  );
  return rows.map((row) => String(row['key']));
}

async function* readLines(file: TextFile): AsyncGenerator<NumberedCells> {
  const lines = createInterface({ input: openText(file.path, file.isGzip), crlfDelay: Infinity });
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() !== '') yield { line, cells: [line === 1 ? text.replace(/^\uFEFF/, '') : text] };
  }
}

async function loadLines(session: DuckDbSession, file: TextFile, asked: { table: string; picks: Picks }): Promise<RowProblem[]> {
  const { table, picks } = asked;
  await loadRows(session, { file: file.path, table: 'json_line', order: [{ field: 'json', index: 0 }], rows: readLines(file) });
  const broken = await session.rows(`SELECT n FROM json_line WHERE NOT json_valid(json) OR json_type(json) <> 'OBJECT' ORDER BY n`);
  const objects = `SELECT n, json::JSON AS json FROM json_line WHERE json_valid(json) AND json_type(json) = 'OBJECT'`;
  await session.run(`CREATE OR REPLACE TEMP TABLE ${table} AS ${pickFields(objects, picks)}`);
  await session.run('DROP TABLE json_line');
  return broken.map((row) => ({ file: file.path, line: Number(row['n']), reason: 'expected one JSON object in the line' }));
}

/** UNREADABLE_FILE when the file holds no objects, or an array that is not valid JSON. */
export async function openJsonSource(context: SourceContext, path: string): Promise<Source> {
  const file = await openTextFile(path);
  const isArray = file.head
    .replace(/^\uFEFF/, '')
    .trimStart()
    .startsWith('[');
  const objects = readObjects(file, isArray);
  const keys = await findKeys(context.session, objects).catch((error: unknown) => {
    if (isArray) throw unreadable(path, `not a valid JSON array (${messageOf(error).split('\n')[0] ?? ''})`, error);
    return findKeysOfFirstLine(file);
  });
  if (keys.length === 0) throw unreadable(path, 'expected JSON objects with named fields, found none');
  return {
    file: path,
    numbering: isArray ? 'record' : 'line',
    columns: keys.map((name) => ({ name, sqlType: 'VARCHAR' })),
    fingerprint: () => fingerprint(path, file.isGzip),
    scan: (picks) => pickFields(objects, picks),
    ...(isArray ? {} : { loadExactly: (table: string, picks: Picks) => loadLines(context.session, file, { table, picks }) }),
  };
}

/** When DuckDB gives up on a broken line: the keys of the first line that is whole. */
function findKeysOfFirstLine(file: TextFile): string[] {
  for (const line of file.head.split(/\r\n|\n/)) {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.keys(value);
    } catch {
      // A broken line is a problem of its own and is reported when the rows are loaded.
    }
  }
  return [];
}

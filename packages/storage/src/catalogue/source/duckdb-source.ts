/**
 * A table or a query of an existing DuckDB file. It is read in a DuckDB of its own that may touch that file and our staging
 * folder only, because a query is code: the rows are exported as Parquet and imported from there.
 */
import { join } from 'node:path';
import { AppError, type ImportSource } from '@quantbot/core';
import { StatementType } from '@duckdb/node-api';
import { openSession, type DuckDbSession } from '../../duckdb/session.ts';
import { quoteName, quoteText } from '../../duckdb/sql-text.ts';
import { messageOf } from '../../failures.ts';
import { openParquetSource } from './parquet-source.ts';
import type { Source, SourceContext } from './source.ts';
import { fingerprint, requireFile, unreadable } from './text-file.ts';

async function attach(session: DuckDbSession, path: string, stagingFolder: string): Promise<void> {
  try {
    await session.run(`ATTACH ${quoteText(path)} AS source (TYPE duckdb, READ_ONLY)`);
  } catch (error) {
    const hint = /lock/i.test(messageOf(error))
      ? 'another program has it open; close that first'
      : 'not a DuckDB file that this version can read';
    throw unreadable(path, `${hint} (${messageOf(error).split('\n')[0] ?? ''})`, error);
  }
  await session.run('USE source');
  await session.run(`SET allowed_directories = [${quoteText(stagingFolder)}]`);
  await session.run('SET enable_external_access = false');
  await session.run('SET lock_configuration = true');
}

async function toTableQuery(session: DuckDbSession, source: ImportSource, table: string | undefined): Promise<string> {
  const tables = await session.rows(
    `SELECT schema_name AS schema, table_name AS name FROM duckdb_tables() WHERE database_name = 'source' AND NOT internal
     UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = 'source' AND NOT internal ORDER BY ALL`,
  );
  const named = tables.map((row) => ({ schema: String(row['schema']), name: String(row['name']) }));
  const label = ({ schema, name }: { schema: string; name: string }): string => (schema === 'main' ? name : `${schema}.${name}`);
  const alike = (name: string): boolean => table === undefined || name.toLowerCase() === table.toLowerCase();
  const candidates = named.filter((candidate) => alike(label(candidate)));
  const found = candidates.find((candidate) => label(candidate) === table) ?? candidates[0];
  if (found === undefined || (table === undefined && candidates.length > 1)) {
    const known = named.length === 0 ? 'it has none' : `it has ${named.map(label).join(', ')}`;
    throw new AppError(
      'INVALID_REQUEST',
      `${source.path}: ${table === undefined ? 'expected the name of a table' : `there is no table "${table}"`}; ${known}`,
    );
  }
  return `SELECT * FROM source.${quoteName(found.schema)}.${quoteName(found.name)}`;
}

function refusedQuery(path: string, reason: string, cause?: unknown): AppError {
  return new AppError('INVALID_REQUEST', `${path}: expected one SELECT query, ${reason}`, { cause });
}

/** DuckDB itself says what the text is, so that comments, quotes and dialect cannot fool us. */
async function checkQuery(session: DuckDbSession, path: string, query: string): Promise<string> {
  try {
    const statements = await session.connection.extractStatements(query);
    if (statements.count !== 1) throw refusedQuery(path, `found ${String(statements.count)} statements`);
    const statement = await statements.prepare(0);
    if (statement.statementType !== StatementType.SELECT) throw refusedQuery(path, 'found a statement of another kind');
  } catch (error) {
    throw error instanceof AppError ? error : refusedQuery(path, `but DuckDB says: ${messageOf(error)}`, error);
  }
  return query.trim().replace(/;\s*$/, '');
}

async function exportRows(source: ImportSource, context: SourceContext, target: string): Promise<void> {
  const session = await openSession();
  try {
    await attach(session, source.path, context.stagingFolder);
    const query =
      source.query === undefined ? await toTableQuery(session, source, source.table) : await checkQuery(session, source.path, source.query);
    const limit = context.columnsOnly === true ? ' LIMIT 0' : '';
    // The line break ends a comment at the end of the query.
    await session.run(`COPY (SELECT * FROM (${query}\n)${limit}) TO ${quoteText(target)} (FORMAT parquet)`).catch((error: unknown) => {
      throw source.query === undefined || /no space left/i.test(messageOf(error))
        ? error
        : refusedQuery(source.path, `but DuckDB says: ${messageOf(error)}`, error);
    });
  } finally {
    session.close();
  }
}

export async function openDuckDbSource(context: SourceContext, source: ImportSource): Promise<Source> {
  await requireFile(source.path);
  const [row] = await context.session.rows("SELECT replace(uuid()::VARCHAR, '-', '') AS id");
  const target = join(context.stagingFolder, `source-${String(row?.['id'])}.parquet`);
  await exportRows(source, context, target);
  const rows = await openParquetSource(context, target, source.path);
  return { ...rows, fingerprint: () => fingerprint(source.path, false) };
}

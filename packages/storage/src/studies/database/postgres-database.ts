/** The study store's database on a PostgreSQL server, through a small pool. Every wait has a limit; a lost connection is tried again. */
import { AppError } from '@quantbot/core';
import { Kysely, PostgresDialect, sql, type QueryResult } from 'kysely';
import pg from 'pg';
import { findMissingStatements } from './migrate.ts';
import { MIGRATIONS, POSTGRES_TYPES, type Migration } from './migrations.ts';
import { isPassing, toPostgresError } from './postgres-failures.ts';
import { retryTransient, type RetryPolicy } from './retry.ts';
import type { ColumnEntry, Queries, StudyDatabase } from './study-database.ts';
import type { StudyTables } from './tables.ts';

const POOL_SIZE = 4;
const CONNECT_TIMEOUT_MS = 5_000;
const LOCK_TIMEOUT_MS = 15_000;
const STATEMENT_TIMEOUT_MS = 120_000;
/** A process that freezes inside a transaction must not hold up the others for ever. */
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000;
/** Any number; the same for all that migrate. */
const MIGRATION_LOCK = 7_162_737;

export interface PostgresOptions {
  /** For tests of older schemas. */
  readonly migrations?: readonly Migration[];
  /** How long a lost connection is tried again. Default 30 s; opening gives up after 5 s. */
  readonly retryLimitMs?: number;
}

/** For messages: never the password. */
function describeServer(url: string): string {
  const { hostname, pathname, searchParams } = new URL(url);
  return `the PostgreSQL database ${pathname.slice(1) || '(default)'} at ${searchParams.get('host') ?? (decodeURIComponent(hostname) || 'localhost')}`;
}

function createPool(url: string): pg.Pool {
  const types = new pg.TypeOverrides();
  // Our 64-bit integers are counts and milliseconds, all within what a number holds.
  types.setTypeParser(pg.types.builtins.INT8, Number);
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'quantbot',
    types,
  });
  // A connection that breaks says so to whoever uses it; without a listener the event would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function readVersion(queries: Queries): Promise<number> {
  // Not to_regclass: that may still say no, from memory, after another connection has made the table.
  const found = await sql`SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relname = 'study_schema' AND n.nspname = current_schema()`.execute(queries);
  if (found.rows.length === 0) return 0;
  const { rows } = await sql<{ version: number }>`SELECT version FROM study_schema`.execute(queries);
  return rows[0]?.version ?? 0;
}

async function requireUtf8(queries: Queries, place: string): Promise<void> {
  const { rows }: QueryResult<{ server_encoding: string }> = await sql<{ server_encoding: string }>`SHOW server_encoding`.execute(queries);
  const encoding = rows[0]?.server_encoding;
  if (encoding !== 'UTF8')
    throw new AppError(
      'STORAGE_FAILED',
      `${place} has the encoding ${String(encoding)}; studies need UTF8. Create a database with ENCODING 'UTF8'.`,
    );
}

async function migrate(queries: Queries, place: string, migrations: readonly Migration[]): Promise<void> {
  await requireUtf8(queries, place);
  if ((await readVersion(queries)) === migrations.length) return;
  await queries.transaction().execute(async (transaction) => {
    await sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK}::bigint)`.execute(transaction);
    // Looked up again: another process may have done it before this one had the lock.
    const plan = { migrations, types: POSTGRES_TYPES, version: await readVersion(transaction), place };
    const statements = findMissingStatements(plan);
    for (const statement of statements) await sql.raw(statement).execute(transaction);
    await sql.raw('CREATE TABLE IF NOT EXISTS study_schema (version BIGINT NOT NULL)').execute(transaction);
    await sql.raw('DELETE FROM study_schema').execute(transaction);
    await sql`INSERT INTO study_schema (version) VALUES (${migrations.length})`.execute(transaction);
  });
}

function readSnapshot<T>(queries: Queries, action: (queries: Queries) => Promise<T>): Promise<T> {
  return queries
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (transaction) => {
      // PostgreSQL cannot know how many entries a JSON array has, and nothing of tables that were filled a moment ago. It then loops over
      // one column for each entry of another: 65 s instead of 0.1 s for a page of 20,000 trials with two conditions.
      // The price it puts on the loops that are left would make it compile each query, which takes longer than the query.
      await sql.raw('SET LOCAL enable_nestloop = off; SET LOCAL jit = off').execute(transaction);
      return action(transaction);
    });
}

/** Connects and brings the tables up to date. `url`: postgres://user@host/database. STORAGE_FAILED, DISK_FULL. */
export async function openPostgresDatabase(url: string, options: PostgresOptions = {}): Promise<StudyDatabase> {
  const { migrations = MIGRATIONS, retryLimitMs = 30_000 } = options;
  const place = describeServer(url);
  const policy: RetryPolicy = { isTransient: isPassing, limitMs: retryLimitMs };
  const queries = new Kysely<StudyTables>({ dialect: new PostgresDialect({ pool: createPool(url) }) });
  try {
    await retryTransient({ ...policy, limitMs: Math.min(retryLimitMs, CONNECT_TIMEOUT_MS) }, () => migrate(queries, place, migrations));
  } catch (error) {
    await queries.destroy();
    throw toPostgresError(error, 'opening the study store', place);
  }
  return {
    read: (action) => retryTransient(policy, () => action(queries)),
    readSnapshot: (action) => retryTransient(policy, () => readSnapshot(queries, action)),
    write: (action) =>
      retryTransient(policy, (attempt) => queries.transaction().execute((transaction) => action(transaction, attempt > 0))),
    explode: (blocks) => sql<ColumnEntry>`
      SELECT b.study_id, b.first + e.place - 1 AS number,
        CASE WHEN json_typeof(e.entry) = 'number' THEN (e.entry #>> '{}')::double precision END AS number_value,
        CASE WHEN json_typeof(e.entry) = 'string' THEN (e.entry #>> '{}') COLLATE "C" END AS text_value
      FROM ${blocks} AS b CROSS JOIN LATERAL json_array_elements(b.entries::json) WITH ORDINALITY AS e (entry, place)`,
    toError: (error, doing) => toPostgresError(error, doing, place),
    close: () => queries.destroy(),
  };
}

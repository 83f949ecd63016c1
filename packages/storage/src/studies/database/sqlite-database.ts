/** The study store's database in one SQLite file: WAL, every commit synced to the disk. Several processes may use it at once. */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '@quantbot/core';
import { Kysely, sql } from 'kysely';
import { toAppError } from '../../failures.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';
import { retryTransient, type RetryPolicy } from './retry.ts';
import { createNodeSqliteDialect } from './sqlite-dialect.ts';
import { describeFile, openFile, toDamage } from './sqlite-file.ts';
import type { ColumnEntry, StudyDatabase } from './study-database.ts';
import type { StudyTables } from './tables.ts';

const SQLITE_BUSY = 5;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
const BUSY_LIMIT_MS = 30_000;
const NO_ROOM_BYTES = 256 * 1024;

/** SQLite's primary result code; undefined for errors of other origin. */
function resultCodeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

const WHILE_BUSY: RetryPolicy = { isTransient: (error) => resultCodeOf(error) === SQLITE_BUSY, limitMs: BUSY_LIMIT_MS };

function hasNoRoom(path: string): boolean {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize < NO_ROOM_BYTES;
}

/** SyntaxError: JSON that we stored does not read as JSON any more. */
function isDamage(error: unknown): boolean {
  const code = resultCodeOf(error);
  return (
    code === SQLITE_CORRUPT ||
    code === SQLITE_NOTADB ||
    error instanceof SyntaxError ||
    (error instanceof Error && error.message.includes('malformed JSON'))
  );
}

function toSqliteError(path: string, error: unknown, doing: string): AppError {
  if (error instanceof AppError) return error;
  if (isDamage(error)) {
    return toDamage(path, error instanceof Error ? error.message : String(error), error);
  }
  if (resultCodeOf(error) === SQLITE_BUSY) {
    return new AppError(
      'STORE_UNREACHABLE',
      `${doing} failed: another process has held ${describeFile(path)} for ${String(BUSY_LIMIT_MS / 1000)} s; wait for it or end it, then try again.`,
      {
        cause: error,
      },
    );
  }
  // A disk without room makes some calls, such as the one that shares memory, fail as a plain I/O error.
  if (resultCodeOf(error) === SQLITE_IOERR && hasNoRoom(path)) {
    return new AppError('DISK_FULL', `the disk has no room for ${doing}; nothing was changed. Free some space and try again.`, {
      cause: error,
    });
  }
  return toAppError(error, doing);
}

/** Opens the file, or makes it. `migrations` is for tests of older schemas. STORAGE_FAILED, DISK_FULL. */
export async function openSqliteDatabase(path: string, migrations: readonly Migration[] = MIGRATIONS): Promise<StudyDatabase> {
  const database = await retryTransient(WHILE_BUSY, async () => openFile(path, migrations)).catch((error: unknown) => {
    throw toSqliteError(path, error, 'opening the study store');
  });
  const queries = new Kysely<StudyTables>({ dialect: createNodeSqliteDialect(database) });
  return {
    read: (action) => retryTransient(WHILE_BUSY, () => action(queries)),
    readSnapshot: (action) => retryTransient(WHILE_BUSY, () => queries.transaction().setAccessMode('read only').execute(action)),
    // A busy database has done nothing at all, so no attempt ever has to ask what an earlier one did.
    write: (action) => retryTransient(WHILE_BUSY, () => queries.transaction().execute((transaction) => action(transaction, false))),
    // Without the cast the number has no type, and SQLite makes no index of it to join with: a page took 12 s instead of 20 ms.
    explode: (blocks) => sql<ColumnEntry>`
      SELECT b.study_id, CAST(b.first + e.key AS INTEGER) AS number,
        CASE WHEN e.type <> 'text' THEN CAST(e.value AS REAL) END AS number_value,
        CASE WHEN e.type = 'text' THEN e.value END AS text_value
      FROM ${blocks} AS b, json_each(b.entries) AS e`,
    toError: (error, doing) => toSqliteError(path, error, doing),
    async close() {
      await queries.destroy();
      if (database.isOpen) database.close();
    },
  };
}

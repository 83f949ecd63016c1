/** Opens the file of a study store; makes it, complete with its tables, where there is none. */
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { AppError } from '@quantbot/core';
import { findMissingStatements } from './migrate.ts';
import { SQLITE_TYPES, type Migration } from './migrations.ts';

/** Short, because it holds up the whole process; longer waits are made between attempts (retry.ts). */
const BUSY_TIMEOUT_MS = 200;
/** "qbst": tells our files from other SQLite files. */
const APPLICATION_ID = 0x71627374;
const SMALLEST_PAGE_BYTES = 512;

export function describeFile(path: string): string {
  return `the study store ${path}`;
}

export function toDamage(path: string, reason: string, cause?: unknown): AppError {
  return new AppError(
    'STORAGE_FAILED',
    `${describeFile(path)} is damaged (${reason}). Restore it and its -wal file from a backup, or move both away to begin without studies.`,
    { cause },
  );
}

function connect(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  database.exec('PRAGMA synchronous = FULL');
  return database;
}

function readPragma(database: DatabaseSync, name: 'user_version' | 'application_id' | 'page_count' | 'page_size'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function migrate(database: DatabaseSync, path: string, migrations: readonly Migration[]): void {
  const isCurrent = (): boolean => readPragma(database, 'user_version') === migrations.length;
  if (isCurrent()) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Looked up again: another process may have done it before this one had the lock.
    const plan = { migrations, types: SQLITE_TYPES, version: readPragma(database, 'user_version'), place: describeFile(path) };
    for (const statement of findMissingStatements(plan)) database.exec(statement);
    database.exec(`PRAGMA user_version = ${String(migrations.length)}`);
    database.exec('COMMIT');
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}

/**
 * Whether the file is shorter than its own first page says, without the log. SQLite fills what is missing with zeros, and may then find
 * no rows where there were some. It need not be damage: the log may hold the missing pages, after a power cut while they were moved.
 */
function isCutOff(path: string): boolean {
  const url = pathToFileURL(path);
  // Leaves the log aside. Reading the file ourselves would release the locks that SQLite has on it in this process.
  url.searchParams.set('immutable', '1');
  try {
    using file = new DatabaseSync(url, { readOnly: true });
    return readPragma(file, 'page_count') * readPragma(file, 'page_size') > statSync(path).size;
  } catch {
    return true;
  }
}

/** Reads the whole file; only for one that was cut off. */
function requireIntegrity(database: DatabaseSync, path: string): void {
  const found = database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'];
  if (found !== 'ok') throw toDamage(path, `cut off: ${String(found)}`);
}

function syncFolder(path: string): void {
  // Windows cannot sync a folder, and keeps names without it.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * The file appears under its name only when it is complete. So an empty or half written file is always damage, and is refused,
 * instead of being taken for a store without studies.
 */
function createFile(path: string, migrations: readonly Migration[]): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const unfinished = `${path}.new-${randomUUID()}`;
  try {
    const database = connect(unfinished);
    try {
      database.exec(`PRAGMA application_id = ${String(APPLICATION_ID)}`);
      database.exec('PRAGMA journal_mode = WAL');
      migrate(database, path, migrations);
    } finally {
      database.close();
    }
    // Unlike a rename, a link never replaces the store that another process made in the meantime.
    linkSync(unfinished, path);
    syncFolder(folder);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${unfinished}${suffix}`, { force: true });
  }
}

/** Throws AppError STORAGE_FAILED for a file that is no study store of ours, and what SQLite throws. */
export function openFile(path: string, migrations: readonly Migration[]): DatabaseSync {
  if (!existsSync(path)) createFile(path, migrations);
  const { size } = statSync(path);
  // SQLite takes an empty file, or one of a few bytes, for a new database.
  if (size < SMALLEST_PAGE_BYTES) throw toDamage(path, `cut off after ${String(size)} bytes`);
  const database = connect(path);
  try {
    if (readPragma(database, 'application_id') !== APPLICATION_ID) {
      throw new AppError('STORAGE_FAILED', `${path} is an SQLite database, but no study store of quantbot; name another file`);
    }
    if (isCutOff(path)) requireIntegrity(database, path);
    migrate(database, path, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

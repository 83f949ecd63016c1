/** Opens the file of a study store; makes it, complete with its tables, where there is none. */
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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

function connect(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  database.exec('PRAGMA synchronous = FULL');
  return database;
}

function readPragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
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
  if (size < SMALLEST_PAGE_BYTES) {
    throw new AppError(
      'STORAGE_FAILED',
      `${describeFile(path)} is damaged (cut off after ${String(size)} bytes). Restore it and its -wal file from a backup, or move both away to begin without studies.`,
    );
  }
  const database = connect(path);
  try {
    if (readPragma(database, 'application_id') !== APPLICATION_ID) {
      throw new AppError('STORAGE_FAILED', `${path} is an SQLite database, but no study store of quantbot; name another file`);
    }
    migrate(database, path, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

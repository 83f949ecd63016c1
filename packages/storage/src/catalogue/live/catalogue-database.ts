/** Opens data/catalogue.db (SQLite): the one place that says which files are live. Brings its tables up to date by the numbered migrations. */
import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@quantbot/core';

const MIGRATIONS = new URL('../migrations/', import.meta.url);
const BUSY_TIMEOUT_MS = 10_000;
const LOCK_POLL_MS = 25;
const LOCK_DEADLINE_MS = 15 * 60_000;
const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === SQLITE_BUSY;
}

/** Runs `action`, again and again while another process holds the lock, without blocking this one. */
async function retryWhileBusy<T>(action: () => T): Promise<T> {
  const deadline = performance.now() + LOCK_DEADLINE_MS;
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() > deadline) {
        throw new AppError(
          'STORAGE_FAILED',
          'another import has held the catalogue for a quarter of an hour; wait for it or end it, then try again',
          { cause: error },
        );
      }
    }
    await wait(LOCK_POLL_MS);
  }
}

function connect(path: string, timeout: number): DatabaseSync {
  const database = new DatabaseSync(path, { timeout, enableForeignKeyConstraints: true });
  database.exec('PRAGMA synchronous = FULL');
  return database;
}

function userVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

function migrate(database: DatabaseSync): void {
  const files = readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  if (userVersion(database) > files.length) {
    throw new AppError('STORAGE_FAILED', 'the catalogue was written by a newer version of quantbot; update quantbot to read it');
  }
  if (userVersion(database) === files.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const name of files.slice(userVersion(database))) database.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
    database.exec(`PRAGMA user_version = ${String(files.length)}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** For reading; the tables are there and current when this resolves. */
export async function openCatalogueDatabase(path: string): Promise<DatabaseSync> {
  const database = connect(path, BUSY_TIMEOUT_MS);
  try {
    await retryWhileBusy(() => {
      database.exec('PRAGMA journal_mode = WAL');
    });
    await retryWhileBusy(() => {
      migrate(database);
    });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Runs `action` as the only writer of all processes, in one transaction that is rolled back when `action` throws or returns
 * `keep: false`. The connection is its own, so that readers of this process do not see what is not committed.
 */
export async function writeExclusively<T>(
  path: string,
  action: (database: DatabaseSync) => Promise<{ keep: boolean; value: T }>,
): Promise<T> {
  const database = connect(path, 0);
  try {
    await retryWhileBusy(() => {
      database.exec('BEGIN IMMEDIATE');
    });
    const { keep, value } = await action(database);
    await retryWhileBusy(() => {
      database.exec(keep ? 'COMMIT' : 'ROLLBACK');
    });
    return value;
  } finally {
    // Closing ends a transaction that was not committed; its changes are gone.
    database.close();
  }
}

/** Unix milliseconds by SQLite's clock. */
export function databaseNowMs(database: DatabaseSync): number {
  return Number(database.prepare("SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now").get()?.['now']);
}

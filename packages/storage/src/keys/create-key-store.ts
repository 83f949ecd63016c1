/** The port of core to API keys, over a database that is open. The hash is looked up by its index; what a key is, nobody here ever sees. */
import { AppError, type ApiKey, type KeyStore, type Role } from '@quantbot/core';
import type { Selectable } from 'kysely';
import type { StudyDatabase } from '../studies/database/study-database.ts';
import type { ApiKeyTable } from '../studies/database/tables.ts';

const MINUTE_MS = 60_000;

function toKey(row: Selectable<ApiKeyTable>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    prefix: row.prefix,
    createdAtMs: row.created_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
    revokedAtMs: row.revoked_at_ms,
  };
}

/** Closing it closes the database. */
export function createKeyStore(database: StudyDatabase): KeyStore {
  const guard = async <T>(doing: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      throw database.toError(error, doing);
    }
  };
  return {
    createKey: (key) => guard('creating a key', () => createKey(database, key)),
    findKeyByHash: (sha256) =>
      guard('reading a key', async () => {
        const row = await database.read((queries) =>
          queries.selectFrom('api_key').selectAll().where('sha256', '=', sha256).executeTakeFirst(),
        );
        return row && toKey(row);
      }),
    listKeys: () =>
      guard('listing the keys', async () => {
        const rows = await database.read((queries) =>
          queries.selectFrom('api_key').selectAll().orderBy('created_at_ms').orderBy('id').execute(),
        );
        return rows.map(toKey);
      }),
    revokeKey: (id, atMs) => guard('revoking a key', () => revokeKey(database, id, atMs)),
    touchKey: (id, atMs) => guard('noting the use of a key', () => touchKey(database, id, atMs)),
    close: () => database.close(),
  };
}

async function createKey(database: StudyDatabase, key: Parameters<KeyStore['createKey']>[0]): Promise<ApiKey> {
  if (key.name.includes('\0') || !key.name.isWellFormed())
    throw new AppError('INVALID_REQUEST', `the name of a key is Unicode text without NUL, found ${JSON.stringify(key.name)}`);
  const row = {
    id: key.id,
    name: key.name,
    role: key.role,
    prefix: key.prefix,
    sha256: key.sha256,
    created_at_ms: key.createdAtMs,
    last_used_at_ms: null,
    revoked_at_ms: null,
  };
  await database.write(async (transaction, again) => {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('api_key')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 1n) return;
    const there = await transaction.selectFrom('api_key').select('sha256').where('id', '=', key.id).executeTakeFirst();
    if (!(again && there?.sha256 === key.sha256)) throw new AppError('INVALID_REQUEST', `there is already a key ${key.id}; make another`);
  });
  return toKey(row);
}

function revokeKey(database: StudyDatabase, id: string, atMs: number): Promise<boolean> {
  return database.write(async (transaction, again) => {
    const { numUpdatedRows } = await transaction
      .updateTable('api_key')
      .set({ revoked_at_ms: atMs })
      .where('id', '=', id)
      .where('revoked_at_ms', 'is', null)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows > 0n || !again) return numUpdatedRows > 0n;
    const now = await transaction.selectFrom('api_key').select('revoked_at_ms').where('id', '=', id).executeTakeFirst();
    return now?.revoked_at_ms === atMs;
  });
}

async function touchKey(database: StudyDatabase, id: string, atMs: number): Promise<void> {
  const row = await database.read((queries) =>
    queries.selectFrom('api_key').select('last_used_at_ms').where('id', '=', id).executeTakeFirst(),
  );
  if (row === undefined || (row.last_used_at_ms !== null && atMs - row.last_used_at_ms < MINUTE_MS)) return;
  await database.write((transaction) => transaction.updateTable('api_key').set({ last_used_at_ms: atMs }).where('id', '=', id).execute());
}

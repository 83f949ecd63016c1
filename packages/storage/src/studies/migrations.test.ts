import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS, type Migration } from './database/migrations.ts';
import { openPostgresDatabase } from './database/postgres-database.ts';
import { openSqliteDatabase } from './database/sqlite-database.ts';
import type { StudyDatabase } from './database/study-database.ts';
import { createStudyStore } from './open-study-store.ts';
import { describePostgres } from './testing/databases.ts';
import { failureOf } from './testing/fixture.ts';
import { collect, createSampleStudy, recordTrials, toTrial } from './testing/sample-trials.ts';

type Open = (migrations?: readonly Migration[]) => Promise<StudyDatabase>;

const ADDS_NOTES: Migration = ({ text }) => [`ALTER TABLE study ADD COLUMN notes ${text}`];
const FAILS_HALFWAY: Migration = ({ text, integer }) => [
  `CREATE TABLE half (a ${integer})`,
  `ALTER TABLE study ADD COLUMN notes ${text}`,
  'ALTER TABLE no_such_table ADD COLUMN x INTEGER',
];

async function hasNotes(database: StudyDatabase): Promise<boolean> {
  return database
    .read((queries) => sql`SELECT notes FROM study`.execute(queries))
    .then(
      () => true,
      () => false,
    );
}

async function fill(database: StudyDatabase): Promise<void> {
  const store = createStudyStore(database);
  await createSampleStudy(store, 'a');
  await recordTrials(store, 'a', [toTrial(0), toTrial(1)]);
  await store.close();
}

function describeMigrations(withPlace: (test: (open: Open) => Promise<void>) => Promise<void>): void {
  it('keep what an older schema holds', () =>
    withPlace(async (open) => {
      await fill(await open());
      const database = await open([...MIGRATIONS, ADDS_NOTES]);
      expect(await hasNotes(database)).toBe(true);
      expect(await collect(createStudyStore(database).streamTrials('a'))).toEqual([toTrial(0), toTrial(1)]);
      await database.close();
    }));

  it('leave the older schema whole when one of them fails, however many went before', () =>
    withPlace(async (open) => {
      await fill(await open());
      expect(await failureOf(open([...MIGRATIONS, FAILS_HALFWAY]))).toMatchObject({ code: 'STORAGE_FAILED' });
      expect(await failureOf(open([...MIGRATIONS, ADDS_NOTES, FAILS_HALFWAY]))).toMatchObject({ code: 'STORAGE_FAILED' });
      const database = await open();
      expect(await hasNotes(database)).toBe(false);
      expect(await collect(createStudyStore(database).streamTrials('a'))).toEqual([toTrial(0), toTrial(1)]);
      await database.close();
      await (await open([...MIGRATIONS, ADDS_NOTES])).close();
    }));

  it('refuse a store that a newer version has written', () =>
    withPlace(async (open) => {
      await (await open([...MIGRATIONS, ADDS_NOTES])).close();
      expect(await failureOf(open())).toMatchObject({
        code: 'STORAGE_FAILED',
        message: expect.stringContaining('newer version') as string,
      });
    }));

  it('run once when several open a new store at the same time', () =>
    withPlace(async (open) => {
      const databases = await Promise.all(Array.from({ length: 4 }, () => open()));
      const [first] = databases;
      if (first !== undefined) await createSampleStudy(createStudyStore(first), 'a');
      for (const database of databases) expect(await createStudyStore(database).findStudy('a')).toBeDefined();
      await Promise.all(databases.map((database) => database.close()));
    }));
}

describe('the migrations of an SQLite store', () => {
  describeMigrations(async (test) => {
    const folder = await mkdtemp(join(tmpdir(), 'quantbot-migrations-'));
    try {
      await test((migrations) => openSqliteDatabase(join(folder, 'studies.db'), migrations));
      // Neither a failed migration nor a new store leaves a file behind; a store that is closed has folded in its log.
      expect(await readdir(folder)).toEqual(['studies.db']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('leave no file under its name when the first of them fails', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quantbot-migrations-'));
    expect(await failureOf(openSqliteDatabase(join(folder, 'studies.db'), [...MIGRATIONS, FAILS_HALFWAY]))).toMatchObject({
      code: 'STORAGE_FAILED',
    });
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describePostgres('the migrations of a PostgreSQL store', (server) => {
  describeMigrations(async (test) => {
    const url = await server().createSchema();
    await test((migrations) => openPostgresDatabase(url, migrations === undefined ? {} : { migrations }));
  });
});

/** For tests: stores on a real SQLite file and on a real PostgreSQL server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openStudyStore, type StudyStoreLocation } from '../open-study-store.ts';
import type { CreateStore, StoreFixture } from './fixture.ts';
import { findPostgres, startPostgres, type PostgresServer } from './postgres-server.ts';

async function openFixture(location: StudyStoreLocation, remove: () => Promise<void>): Promise<StoreFixture> {
  const store = await openStudyStore(location);
  return {
    store,
    location,
    openAnother: () => openStudyStore(location),
    async [Symbol.asyncDispose]() {
      await store.close();
      await remove();
    },
  };
}

export async function createSqliteStore(): Promise<StoreFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'quantbot-studies-'));
  return openFixture({ kind: 'sqlite', path: join(folder, 'studies.db') }, () => rm(folder, { recursive: true, force: true }));
}

/** Runs the tests of `define` against a server of their own; without PostgreSQL they are skipped, and their title says why. */
export function describePostgres(title: string, define: (server: () => PostgresServer, createStore: CreateStore) => void): void {
  const source = findPostgres();
  const skipped = 'skipped' in source ? source.skipped : undefined;
  describe.skipIf(skipped !== undefined)(skipped === undefined ? title : `${title} (skipped: ${skipped})`, () => {
    let started: PostgresServer | undefined;
    const server = (): PostgresServer => {
      if (started === undefined) throw new Error('the server starts before the tests');
      return started;
    };
    beforeAll(async () => {
      started = await startPostgres();
    });
    afterAll(async () => {
      await started?.close();
    });
    define(server, async () => openFixture({ kind: 'postgres', url: await server().createSchema() }, () => Promise.resolve()));
  });
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { describePostgres } from '../studies/testing/databases.ts';
import { describeJobStore } from './job-store.contract.ts';

describe('jobs and keys on SQLite', () => {
  describeJobStore(async (test) => {
    const folder = await mkdtemp(join(tmpdir(), 'quantbot-jobs-'));
    try {
      await test({ kind: 'sqlite', path: join(folder, 'studies.db') });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describePostgres('jobs and keys on PostgreSQL', (server) => {
  describeJobStore(async (test) => {
    await test({ kind: 'postgres', url: await server().createSchema() });
  });
});

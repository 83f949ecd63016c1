import { describe } from 'vitest';
import { describeStudyStore } from './study-store.contract.ts';
import { createSqliteStore, describePostgres } from './testing/databases.ts';

describe('the study store on SQLite', () => {
  describeStudyStore(createSqliteStore);
});

describePostgres('the study store on PostgreSQL', (_server, createStore) => {
  describeStudyStore(createStore);
});

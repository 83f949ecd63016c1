/** Both databases that jobs and studies may be kept in, for tests of the server that hold for either. */
import { findPostgres, startPostgres } from '@quantbot/storage/testing';

export interface TestDatabase extends AsyncDisposable {
  /** For a store of its own; undefined: the SQLite file of each workspace. */
  createUrl(): Promise<string | undefined>;
}

export interface DatabaseKind {
  readonly name: 'SQLite' | 'PostgreSQL';
  /** Why it cannot be had here. */
  readonly skipped: string | undefined;
  /** The name, with the reason why it is left out. */
  readonly title: string;
  readonly open: () => Promise<TestDatabase>;
}

const SQLITE: DatabaseKind = {
  name: 'SQLite',
  skipped: undefined,
  title: 'SQLite',
  open: () => Promise.resolve({ createUrl: () => Promise.resolve(undefined), [Symbol.asyncDispose]: () => Promise.resolve() }),
};

function findPostgresKind(): DatabaseKind {
  const source = findPostgres();
  const skipped = 'skipped' in source ? source.skipped : undefined;
  return {
    name: 'PostgreSQL',
    skipped,
    title: skipped === undefined ? 'PostgreSQL' : `PostgreSQL (skipped: ${skipped})`,
    async open() {
      const server = await startPostgres();
      return { createUrl: () => server.createSchema(), [Symbol.asyncDispose]: () => server.close() };
    },
  };
}

export const POSTGRES = findPostgresKind();
export const DATABASES: readonly DatabaseKind[] = [SQLITE, POSTGRES];

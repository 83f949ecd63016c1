/** Reads CSV and Parquet with DuckDB, which is a dependency of the storage package and of nobody else. */
import { createRequire } from 'node:module';

interface DuckDb {
  readonly DuckDBInstance: {
    create(path: string): Promise<{
      connect(): Promise<{
        runAndReadAll(sql: string): Promise<{ getRowObjectsJS(): readonly Record<string, unknown>[] }>;
        closeSync(): void;
      }>;
    }>;
  };
}

const requireOfStorage = createRequire(new URL('../../../packages/storage/package.json', import.meta.url));

export async function readTable(sql: string): Promise<readonly Record<string, unknown>[]> {
  const { DuckDBInstance } = requireOfStorage('@duckdb/node-api') as DuckDb;
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS();
  } finally {
    connection.closeSync();
  }
}

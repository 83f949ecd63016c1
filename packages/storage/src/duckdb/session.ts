/** An in-memory DuckDB with fixed limits: the query engine of the catalogue. It owns no database file, so processes never lock each other out. */
import { availableParallelism, totalmem } from 'node:os';
import { DuckDBInstance, type DuckDBAppender, type DuckDBConnection } from '@duckdb/node-api';
import { quoteText } from './sql-text.ts';

const MAX_THREADS = 4;
const MAX_MEMORY_MB = 4096;

export type Row = Readonly<Record<string, unknown>>;

/** Closed with `close` or `await using`; the memory goes back to the system then. */
export interface DuckDbSession {
  readonly connection: DuckDBConnection;
  run(sql: string): Promise<void>;
  /** All rows of a small result. Integers beyond 32 bits come as bigint. */
  rows(sql: string): Promise<readonly Row[]>;
  append(table: string, fill: (appender: DuckDBAppender) => Promise<void>): Promise<void>;
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

function limits(): Record<string, string> {
  const memoryMb = Math.min(MAX_MEMORY_MB, Math.floor(totalmem() / 2 ** 21));
  return {
    threads: String(Math.min(MAX_THREADS, availableParallelism())),
    memory_limit: `${String(memoryMb)}MB`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  };
}

/** `spillFolder`: where results larger than the memory limit go; without one they fail instead. */
export async function openSession(spillFolder?: string): Promise<DuckDbSession> {
  const instance = await DuckDBInstance.create(':memory:', limits());
  const connection = await instance.connect();
  await connection.run(`SET temp_directory = ${quoteText(spillFolder ?? '')}`);
  await connection.run("SET TimeZone = 'UTC'");
  return {
    connection,
    async run(sql) {
      await connection.run(sql);
    },
    async rows(sql) {
      return (await connection.runAndReadAll(sql)).getRowObjectsJS();
    },
    async append(table, fill) {
      const appender = await connection.createAppender(table);
      await fill(appender);
      appender.closeSync();
    },
    connect: () => instance.connect(),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

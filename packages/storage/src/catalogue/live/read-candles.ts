/** Reads whole series into typed arrays. Many small files are read by one query, so that thousands of tokens cost little more than one long series. */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { AppError, PRICE_COLUMNS, type CandleColumns, type SeriesKey } from '@quantbot/core';
import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import type { DuckDbSession } from '../../duckdb/session.ts';
import { quotePaths } from '../../duckdb/sql-text.ts';
import { toAppError } from '../../failures.ts';
import { findLiveSeries, type LiveSeries } from './live-files.ts';

const BATCH_FILES = 256;
const BATCH_ROWS = 2_000_000;

export interface CandleStore {
  readonly database: DatabaseSync;
  readonly session: DuckDbSession;
  readonly dataDir: string;
}

interface Read {
  readonly key: SeriesKey;
  readonly file: LiveSeries | undefined;
}

function allocate(rows: number): CandleColumns {
  return {
    timestamp: new BigInt64Array(rows),
    open: new Float64Array(rows),
    high: new Float64Array(rows),
    low: new Float64Array(rows),
    close: new Float64Array(rows),
    volume: new Float64Array(rows),
  };
}

function* toBatches(reads: readonly Read[]): Generator<Read[]> {
  let batch: Read[] = [];
  let rows = 0;
  for (const read of reads) {
    const size = read.file?.rows ?? 0;
    if (batch.length > 0 && (batch.length >= BATCH_FILES || rows + size > BATCH_ROWS)) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(read);
    rows += size;
  }
  if (batch.length > 0) yield batch;
}

/**
 * The raw values of a column. DuckDB's client keeps them in a typed array that its types hide; going through its getters
 * makes one BigInt or boxed number per cell and is six times slower.
 */
function columnItems(chunk: DuckDBDataChunk, column: number): BigInt64Array | Float64Array {
  const items: unknown = Reflect.get(chunk.getColumnVector(column), 'items');
  if (items instanceof BigInt64Array || items instanceof Float64Array) return items;
  throw new AppError('STORAGE_FAILED', `expected column ${String(column)} of the candle files to hold 64-bit numbers`);
}

/** Hands out the rows of a result, in order, in the pieces asked for. */
class RowReader {
  readonly #result: DuckDBResult;
  #columns: (BigInt64Array | Float64Array)[] = [];
  #rows = 0;
  #used = 0;

  constructor(result: DuckDBResult) {
    this.#result = result;
  }

  async #next(): Promise<boolean> {
    const chunk = await this.#result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return false;
    this.#columns = Array.from({ length: chunk.columnCount }, (_, column) => columnItems(chunk, column));
    this.#rows = chunk.rowCount;
    this.#used = 0;
    return true;
  }

  /** Fills the columns; false when the files hold fewer rows than the catalogue says. */
  async fill(target: CandleColumns): Promise<boolean> {
    const rows = target.timestamp.length;
    for (let filled = 0; filled < rows;) {
      if (this.#used === this.#rows && !(await this.#next())) return false;
      const count = Math.min(rows - filled, this.#rows - this.#used);
      this.#copy(target, filled, count);
      filled += count;
      this.#used += count;
    }
    return true;
  }

  #copy(target: CandleColumns, at: number, count: number): void {
    const [timestamps, ...prices] = this.#columns.map((column) => column.subarray(this.#used, this.#used + count));
    if (timestamps instanceof BigInt64Array) target.timestamp.set(timestamps, at);
    for (const [index, name] of PRICE_COLUMNS.entries()) {
      const values = prices[index];
      if (values instanceof Float64Array) target[name].set(values, at);
    }
  }
}

/** A file of another series or another state would show here: the rows are told apart by the counts of the catalogue alone. */
function isSeries(candles: CandleColumns, file: LiveSeries): boolean {
  return candles.timestamp.at(0) === BigInt(file.firstTimestamp) && candles.timestamp.at(-1) === BigInt(file.lastTimestamp);
}

async function* readBatch(store: CandleStore, batch: readonly Read[]): AsyncGenerator<{ key: SeriesKey; candles: CandleColumns }> {
  const paths = batch.flatMap(({ file }) => (file === undefined ? [] : [join(store.dataDir, file.path)]));
  const connection = await store.session.connect();
  try {
    const columns = ['timestamp', ...PRICE_COLUMNS].join(', ');
    const sql = `SELECT ${columns} FROM read_parquet(${quotePaths(paths)}, hive_partitioning = false)`;
    const reader = paths.length === 0 ? undefined : new RowReader(await connection.stream(sql));
    for (const { key, file } of batch) {
      const candles = allocate(file?.rows ?? 0);
      if (file !== undefined && (!(await reader?.fill(candles)) || !isSeries(candles, file))) {
        throw new AppError(
          'STORAGE_FAILED',
          `the candle file ${file.path} is not what the catalogue says; remove the workspace's data folder and import again`,
        );
      }
      yield { key: { instrument: key.instrument, intervalS: key.intervalS }, candles };
    }
  } catch (error) {
    throw toAppError(error, 'reading the candles');
  } finally {
    connection.closeSync();
  }
}

/** One series at a time, in the order asked for; a series that is not there has no rows. */
export async function* readCandles(
  store: CandleStore,
  keys: readonly SeriesKey[],
): AsyncGenerator<{ key: SeriesKey; candles: CandleColumns }> {
  const live = new Map(
    findLiveSeries(store.database, { instruments: keys.map((key) => key.instrument) }).map((file) => [
      `${String(file.intervalS)} ${file.instrument}`,
      file,
    ]),
  );
  const reads = keys.map((key) => ({ key, file: live.get(`${String(key.intervalS)} ${key.instrument}`) }));
  for (const batch of toBatches(reads)) yield* readBatch(store, batch);
}

/**
 * The market-data catalogue of a workspace: SQLite says which Parquet files are live, an in-memory DuckDB reads and merges them.
 * docs/adr/0002-catalogue.md tells why it is built so.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ImportOutcome, ImportRequest, ImportSource, MarketDataCatalogue } from '@quantbot/core';
import { openSession, type DuckDbSession } from '../duckdb/session.ts';
import { toAppError } from '../failures.ts';
import { importAll } from './import/import-all.ts';
import { normaliseInstrument } from './import/names.ts';
import { createStagingFolder, removeStagingFolder } from './import/staging.ts';
import { refuseLostList } from './live/lost-list.ts';
import { openCatalogueDatabase } from './live/catalogue-database.ts';
import { findLiveCalls, findLiveSeries, toContentHash, type SeriesFilter } from './live/live-files.ts';
import { readCalls } from './live/read-calls.ts';
import { readCandles } from './live/read-candles.ts';
import { openSource } from './source/open-source.ts';

async function readColumns(session: DuckDbSession, dataDir: string, source: ImportSource): Promise<string[]> {
  const stagingFolder = await createStagingFolder(dataDir);
  try {
    const { columns } = await openSource({ session, stagingFolder, columnsOnly: true }, source);
    return columns.map((column) => column.name);
  } finally {
    await removeStagingFolder(stagingFolder);
  }
}

/** Runs one after the other what is handed to it; a failure does not hold up the next. */
function createQueue(): <T>(action: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (action) => {
    const next = last.then(action, action);
    last = next.catch(() => undefined);
    return next;
  };
}

/** A user may write an address in any case. */
function toStoredNames(filter: SeriesFilter = {}): SeriesFilter {
  return filter.instruments === undefined ? filter : { ...filter, instruments: filter.instruments.map(normaliseInstrument) };
}

async function guard<T>(doing: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw toAppError(error, doing);
  }
}

async function importOne(catalogue: MarketDataCatalogue, request: ImportRequest): Promise<ImportOutcome> {
  const [outcome] = await catalogue.importAll([request]);
  if (outcome === undefined) throw new Error('an import of one source has one outcome');
  return outcome;
}

/** Makes the data folder and its catalogue when they are not there. Close it at the end. STORAGE_FAILED or DISK_FULL. */
export async function openCatalogue(dataDir: string): Promise<MarketDataCatalogue> {
  const root = resolve(dataDir);
  const databasePath = join(root, 'catalogue.db');
  const database = await guard('opening the catalogue', async () => {
    await mkdir(root, { recursive: true });
    await refuseLostList(root, databasePath);
    return openCatalogueDatabase(databasePath);
  });
  const session = await guard('opening the catalogue', () => openSession());
  const store = { database, session, dataDir: root };
  const inTurn = createQueue();
  const catalogue: MarketDataCatalogue = {
    readSourceColumns: (source) => guard('reading the columns', () => readColumns(session, root, source)),
    importAll: (requests) => inTurn(() => importAll({ dataDir: root, databasePath }, requests)),
    importCandles: (request) => importOne(catalogue, { ...request, kind: 'candles' }),
    importCalls: (request) => importOne(catalogue, { ...request, kind: 'calls' }),
    listSeries: (filter) =>
      guard('reading the catalogue', () =>
        findLiveSeries(database, toStoredNames(filter)).map(({ instrument, intervalS, rows, firstTimestamp, lastTimestamp, path }) => ({
          instrument,
          intervalS,
          rows,
          firstTimestamp,
          lastTimestamp,
          contentHash: toContentHash(path),
        })),
      ),
    findCoverage: (filter) =>
      guard('reading the catalogue', () =>
        findLiveSeries(database, toStoredNames(filter)).map(({ path, ...coverage }) => ({ ...coverage, contentHash: toContentHash(path) })),
      ),
    readCandles: (keys) => readCandles(store, keys),
    listCalls: (filter = {}) => guard('reading the calls', () => readCalls(store, filter)),
    findCallRange: () =>
      guard('reading the catalogue', () => {
        const live = findLiveCalls(database);
        return live === undefined ? undefined : { calls: live.calls, firstMs: live.firstMs, lastMs: live.lastMs, callers: live.callers };
      }),
    async close() {
      await inTurn(() => Promise.resolve());
      session.close();
      database.close();
    },
  };
  return catalogue;
}

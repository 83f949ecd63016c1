/** The way of an import: read and check every source, then merge, write and commit as the only writer. All requests or none. */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { AppError, type ImportOutcome, type ImportRequest } from '@quantbot/core';
import { openSession, type DuckDbSession } from '../../duckdb/session.ts';
import { toAppError } from '../../failures.ts';
import { databaseNowMs, writeExclusively } from '../live/catalogue-database.ts';
import { openSource } from '../source/open-source.ts';
import type { SourceContext } from '../source/source.ts';
import { CREATE_INCOMING_CALLS, readCallRows } from './call-rows.ts';
import { CREATE_INCOMING_CANDLES, readCandleRows, type RowsRead } from './candle-rows.ts';
import type { MergeContext, MergeCount } from './merge.ts';
import { mergeCalls } from './merge-calls.ts';
import { mergeCandles } from './merge-candles.ts';
import { joinFaults, toProblemsError } from './problems.ts';
import { createStagingFolder, flushFolders, removeStagingFolder } from './staging.ts';
import { removeUnnamed, sweep } from './sweep.ts';

interface ImportPlace {
  readonly dataDir: string;
  readonly databasePath: string;
}

interface Reading {
  readonly request: ImportRequest;
  readonly rows: RowsRead;
  readonly sha256: string;
}

async function readSource(context: SourceContext, request: ImportRequest, position: number): Promise<Reading> {
  const source = { ...(await openSource(context, request.source)), file: request.source.origin ?? request.source.path };
  const sha256 = await source.fingerprint();
  const { session } = context;
  const rows =
    request.kind === 'candles'
      ? await readCandleRows(session, source, { request, position })
      : await readCallRows(session, source, { request, position });
  return { request, rows, sha256 };
}

/** What is wrong with a file as a whole. The other files are still looked at, so that the user sees all that is to be mended. */
function isFaultOfFile(error: unknown): error is AppError {
  return error instanceof AppError && ['UNREADABLE_FILE', 'FILE_NOT_FOUND', 'INVALID_MARKET_DATA'].includes(error.code);
}

async function readSources(context: SourceContext, requests: readonly ImportRequest[]): Promise<Reading[]> {
  await context.session.run(CREATE_INCOMING_CANDLES);
  await context.session.run(CREATE_INCOMING_CALLS);
  const readings: Reading[] = [];
  const faults: AppError[] = [];
  for (const [position, request] of requests.entries()) {
    try {
      readings.push(await readSource(context, request, position));
    } catch (error) {
      if (!isFaultOfFile(error)) throw error;
      faults.push(error);
    }
  }
  const problems = readings.map((reading) => reading.rows.problems).filter((found) => found.total > 0);
  if (problems.length > 0) faults.push(toProblemsError(problems));
  if (faults.length > 0) throw joinFaults(faults);
  return readings;
}

function toOutcome(reading: Reading, count: MergeCount | undefined): ImportOutcome {
  const { request, rows } = reading;
  return {
    kind: request.kind,
    source: request.source.origin ?? request.source.path,
    columns: Object.fromEntries(Object.entries(rows.matched.picks).map(([field, column]) => [field, column.name])),
    ignoredColumns: rows.matched.ignored,
    timeUnit: rows.timeUnit,
    rowsRead: rows.rowsRead,
    rowsAdded: count?.added ?? 0,
    rowsReplaced: count?.replaced ?? 0,
    names: count?.names ?? [],
    intervalsS: count?.intervalsS ?? [],
    notes: rows.notes,
  };
}

function startImport(database: DatabaseSync): number {
  return Number(database.prepare('INSERT INTO import (imported_at_ms) VALUES (?)').run(databaseNowMs(database)).lastInsertRowid);
}

function recordSources(database: DatabaseSync, importId: number, finished: readonly { reading: Reading; outcome: ImportOutcome }[]): void {
  const insert = database.prepare(
    'INSERT INTO import_source (import_id, position, kind, name, sha256, mapping, rows_read, rows_added, rows_replaced) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  for (const [position, { reading, outcome }] of finished.entries()) {
    const { source } = reading.request;
    const mapping = JSON.stringify({ columns: outcome.columns, table: source.table, query: source.query });
    insert.run(
      importId,
      position,
      outcome.kind,
      source.origin ?? source.path,
      reading.sha256,
      mapping,
      outcome.rowsRead,
      outcome.rowsAdded,
      outcome.rowsReplaced,
    );
  }
}

async function mergeAndRecord(
  context: Omit<MergeContext, 'importId'>,
  database: DatabaseSync,
  readings: readonly Reading[],
): Promise<ImportOutcome[]> {
  const importId = startImport(database);
  const counts = new Map([
    ...(await mergeCandles({ ...context, importId }, database)),
    ...(await mergeCalls({ ...context, importId }, database)),
  ]);
  const finished = readings.map((reading, position) => ({ reading, outcome: toOutcome(reading, counts.get(position)) }));
  recordSources(database, importId, finished);
  return finished.map(({ outcome }) => outcome);
}

async function commit(place: ImportPlace, context: Omit<MergeContext, 'importId'>, readings: readonly Reading[]): Promise<ImportOutcome[]> {
  try {
    return await writeExclusively(place.databasePath, async (database) => {
      const outcomes = await mergeAndRecord(context, database, readings);
      const keep = outcomes.some((outcome) => outcome.rowsAdded + outcome.rowsReplaced > 0);
      await flushFolders(context);
      if (keep) await sweep(database, place.dataDir);
      return { keep, value: outcomes };
    });
  } catch (error) {
    await writeExclusively(place.databasePath, async (database) => {
      await removeUnnamed(database, place.dataDir, context.moved);
      return { keep: false, value: undefined };
    }).catch(() => {
      // What cannot be removed now is swept by a later import; the first error is the one to tell.
    });
    throw error;
  }
}

/** INVALID_MARKET_DATA, CONFLICTING_DATA, UNREADABLE_FILE, FILE_NOT_FOUND or DISK_FULL; after any of them the catalogue is as before. */
export async function importAll(place: ImportPlace, requests: readonly ImportRequest[]): Promise<ImportOutcome[]> {
  let stagingFolder: string | undefined;
  let session: DuckDbSession | undefined;
  try {
    stagingFolder = await createStagingFolder(place.dataDir);
    session = await openSession(join(stagingFolder, 'spill'));
    const readings = await readSources({ session, stagingFolder }, requests);
    const refusing = requests.flatMap((request, position) => (request.onConflict === 'refuse' ? [position] : []));
    return await commit(place, { session, dataDir: place.dataDir, stagingFolder, refusing, moved: [] }, readings);
  } catch (error) {
    throw toAppError(error, 'the import');
  } finally {
    session?.close();
    if (stagingFolder !== undefined) await removeStagingFolder(stagingFolder);
  }
}

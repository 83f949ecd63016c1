/** Reads and changes the list of live files. A file that is replaced is kept as retired until it is swept. */
import type { DatabaseSync } from 'node:sqlite';
import type { CallRange, CandleGap, SeriesCoverage, SeriesKey } from '@quantbot/core';
import { databaseNowMs } from './catalogue-database.ts';

/** `path` is relative to the data folder, with forward slashes. */
export interface LiveSeries extends Omit<SeriesCoverage, 'contentHash'> {
  readonly path: string;
}

export interface LiveCalls extends CallRange {
  readonly path: string;
}

export interface SeriesFilter {
  readonly instruments?: readonly string[];
  readonly intervalS?: number;
}

type Columns = Readonly<Record<string, unknown>>;

/** Gaps are kept as JSON triples: after, next, missing. */
function toGaps(text: string): CandleGap[] {
  const triples: unknown = JSON.parse(text);
  if (!Array.isArray(triples)) return [];
  return triples
    .filter((triple) => Array.isArray(triple))
    .map(([after, next, missing]) => ({ afterTimestamp: Number(after), nextTimestamp: Number(next), missingCandles: Number(missing) }));
}

/** Files are named by the hash of what they hold. */
export function toContentHash(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.parquet$/, '');
}

function toLiveSeries(row: Columns): LiveSeries {
  return {
    instrument: String(row['instrument']),
    intervalS: Number(row['interval_s']),
    path: String(row['path']),
    rows: Number(row['row_count']),
    firstTimestamp: Number(row['first_timestamp']),
    lastTimestamp: Number(row['last_timestamp']),
    gapCount: Number(row['gap_count']),
    missingCandles: Number(row['missing_candles']),
    zeroVolumeRows: Number(row['zero_volume_rows']),
    gaps: toGaps(String(row['longest_gaps'])),
  };
}

/** In order of instrument, then interval. */
export function findLiveSeries(database: DatabaseSync, filter: SeriesFilter = {}): LiveSeries[] {
  const wanted = filter.instruments === undefined ? null : JSON.stringify(filter.instruments);
  return database
    .prepare(
      `SELECT * FROM candle_file
       WHERE (?1 IS NULL OR instrument IN (SELECT value FROM json_each(?1))) AND (?2 IS NULL OR interval_s = ?2)
       ORDER BY instrument, interval_s`,
    )
    .all(wanted, filter.intervalS ?? null)
    .map(toLiveSeries);
}

export function findLiveCalls(database: DatabaseSync): LiveCalls | undefined {
  const row = database.prepare('SELECT * FROM call_file').get();
  if (row === undefined) return undefined;
  return {
    path: String(row['path']),
    calls: Number(row['row_count']),
    firstMs: Number(row['first_ms']),
    lastMs: Number(row['last_ms']),
    callers: Number(row['callers']),
  };
}

function swapIn(database: DatabaseSync, oldPath: string | undefined, newPath: string): void {
  if (oldPath !== undefined && oldPath !== newPath) {
    database.prepare('INSERT OR REPLACE INTO retired_file (path, retired_at_ms) VALUES (?, ?)').run(oldPath, databaseNowMs(database));
  }
  database.prepare('DELETE FROM retired_file WHERE path = ?').run(newPath);
}

export function recordLiveSeries(database: DatabaseSync, importId: number, series: LiveSeries): void {
  const key: SeriesKey = series;
  const old = database.prepare('SELECT path FROM candle_file WHERE instrument = ? AND interval_s = ?').get(key.instrument, key.intervalS);
  swapIn(database, old === undefined ? undefined : String(old['path']), series.path);
  const gaps = series.gaps.map((gap) => [gap.afterTimestamp, gap.nextTimestamp, gap.missingCandles]);
  database
    .prepare(
      `INSERT OR REPLACE INTO candle_file (instrument, interval_s, path, import_id, row_count, first_timestamp, last_timestamp,
         gap_count, missing_candles, zero_volume_rows, longest_gaps) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      key.instrument,
      key.intervalS,
      series.path,
      importId,
      series.rows,
      series.firstTimestamp,
      series.lastTimestamp,
      series.gapCount,
      series.missingCandles,
      series.zeroVolumeRows,
      JSON.stringify(gaps),
    );
}

export function recordLiveCalls(database: DatabaseSync, importId: number, calls: LiveCalls): void {
  swapIn(database, findLiveCalls(database)?.path, calls.path);
  database
    .prepare('INSERT OR REPLACE INTO call_file (only, path, import_id, row_count, first_ms, last_ms, callers) VALUES (1, ?, ?, ?, ?, ?, ?)')
    .run(calls.path, importId, calls.calls, calls.firstMs, calls.lastMs, calls.callers);
}

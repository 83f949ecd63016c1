/** Merges imported candles with the live ones and writes a new file for every series that changes. Runs under the write lock. */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { CandleGap } from '@quantbot/core';
import type { DuckDbSession, Row } from '../../duckdb/session.ts';
import { quotePaths, quoteText } from '../../duckdb/sql-text.ts';
import { findLiveSeries, recordLiveSeries, type LiveSeries } from '../live/live-files.ts';
import { toConflictError, type MergeCount, type MergeContext } from './merge.ts';
import { moveIntoPlace, toFolderName } from './staging.ts';

const FILES_PER_QUERY = 256;
const WRITTEN_AT_ONCE = 32;
const LISTED_GAPS = 20;
const LISTED_CONFLICTS = 20;
const VALUES = ['open', 'high', 'low', 'close', 'volume'] as const;

interface TouchedSeries {
  readonly id: number;
  readonly instrument: string;
  readonly intervalS: number;
}

async function findTouchedSeries(session: DuckDbSession): Promise<TouchedSeries[]> {
  await session.run(`CREATE OR REPLACE TEMP TABLE touched AS SELECT (row_number() OVER (ORDER BY instrument, interval_s))::INTEGER AS series, *
    FROM (SELECT DISTINCT instrument, interval_s FROM incoming_candle)`);
  const rows = await session.rows('SELECT * FROM touched ORDER BY series');
  return rows.map((row) => ({ id: Number(row['series']), instrument: String(row['instrument']), intervalS: Number(row['interval_s']) }));
}

/** Live rows of the touched series, as source -1. */
async function loadLiveRows(session: DuckDbSession, dataDir: string, live: readonly { id: number; file: LiveSeries }[]): Promise<void> {
  await session.run(
    `CREATE OR REPLACE TEMP TABLE live_candle (series INTEGER, source INTEGER, timestamp BIGINT, ${VALUES.map((name) => `${name} DOUBLE`).join(', ')})`,
  );
  for (let start = 0; start < live.length; start += FILES_PER_QUERY) {
    const batch = live.slice(start, start + FILES_PER_QUERY);
    const ids = batch.map(({ id }) => String(id)).join(', ');
    const paths = batch.map(({ file }) => join(dataDir, file.path));
    await session.run(`INSERT INTO live_candle SELECT [${ids}][file_index::BIGINT + 1], -1, timestamp, ${VALUES.join(', ')}
      FROM read_parquet(${quotePaths(paths)}, hive_partitioning = false)`);
  }
}

/**
 * All rows, live and imported, in order of series, time and source. A row `repeats` when an earlier source has its time,
 * `differs` when its values are then others, and is the `last` of its time when it is the one to keep.
 */
async function judgeRows(session: DuckDbSession): Promise<void> {
  await session.run(`CREATE OR REPLACE TEMP TABLE ordered_candle AS
    SELECT * FROM (
      SELECT series, source, timestamp, ${VALUES.join(', ')} FROM incoming_candle JOIN touched USING (instrument, interval_s)
      UNION ALL SELECT series, source, timestamp, ${VALUES.join(', ')} FROM live_candle)
    ORDER BY series, timestamp, source`);
  const differs = VALUES.map((name) => `${name} <> lag(${name}) OVER ()`).join(' OR ');
  await session.run(`CREATE OR REPLACE TEMP TABLE judged_candle AS
    SELECT *, repeats AND (other_values) AS differs FROM (
      SELECT *, coalesce(series = lag(series) OVER () AND timestamp = lag(timestamp) OVER (), false) AS repeats, (${differs}) AS other_values,
        NOT coalesce(series = lead(series) OVER () AND timestamp = lead(timestamp) OVER (), false) AS is_last
      FROM ordered_candle)`);
}

function describeConflict(row: Row): string {
  const time = new Date(Number(row['timestamp']) * 1000).toISOString();
  const values = (prefix: string): string => VALUES.map((name) => String(row[`${prefix}${name}`])).join(', ');
  return `${String(row['instrument'])} ${time}: has ${values('old_')}, the import says ${values('')}`;
}

async function refuseConflicts(session: DuckDbSession, refusing: readonly number[]): Promise<void> {
  if (refusing.length === 0) return;
  const inConflict = `differs AND source IN (${refusing.join(', ')})`;
  const [count] = await session.rows(`SELECT count(*)::INTEGER AS total FROM judged_candle WHERE ${inConflict}`);
  const total = Number(count?.['total']);
  if (total === 0) return;
  const rows = await session.rows(
    `SELECT instrument, new.*, ${VALUES.map((name) => `old.${name} AS old_${name}`).join(', ')}
     FROM (SELECT * FROM judged_candle WHERE ${inConflict} ORDER BY series, timestamp, source LIMIT ${String(LISTED_CONFLICTS)}) AS new
     JOIN touched USING (series)
     ASOF JOIN judged_candle AS old ON old.series = new.series AND old.timestamp = new.timestamp AND new.source > old.source
     ORDER BY new.series, new.timestamp`,
  );
  throw toConflictError('candles', total, rows.map(describeConflict));
}

async function findSeriesFigures(
  session: DuckDbSession,
): Promise<ReadonlyMap<number, Omit<LiveSeries, 'path' | 'instrument' | 'intervalS'>>> {
  await session.run(`CREATE OR REPLACE TEMP TABLE merged_candle AS
    SELECT *, CASE WHEN series = lag(series) OVER () THEN timestamp - lag(timestamp) OVER () END AS step FROM (
      SELECT series, timestamp, ${VALUES.join(', ')} FROM judged_candle
      WHERE is_last AND series IN (SELECT series FROM judged_candle WHERE source >= 0 AND (differs OR NOT repeats)))`);
  const rows = await session.rows(
    `SELECT series, count(*)::INTEGER AS rows, min(timestamp)::DOUBLE AS first, max(timestamp)::DOUBLE AS last,
       count(*) FILTER (step <> interval_s)::INTEGER AS gaps, coalesce(sum(greatest(step // interval_s - 1, 0)), 0)::DOUBLE AS missing,
       count(*) FILTER (volume = 0)::INTEGER AS zero_volume
     FROM merged_candle JOIN touched USING (series) GROUP BY series`,
  );
  const gaps = await session.rows(
    `SELECT series, (timestamp - step)::DOUBLE AS after, timestamp::DOUBLE AS next, greatest(step // interval_s - 1, 0)::DOUBLE AS missing
     FROM merged_candle JOIN touched USING (series) WHERE step > interval_s
     QUALIFY row_number() OVER (PARTITION BY series ORDER BY step DESC, timestamp) <= ${String(LISTED_GAPS)} ORDER BY series, step DESC, timestamp`,
  );
  const gapsOf = Map.groupBy(gaps, (gap) => Number(gap['series']));
  return new Map(
    rows.map((row) => [Number(row['series']), { ...toFigures(row), gaps: (gapsOf.get(Number(row['series'])) ?? []).map(toGap) }]),
  );
}

function toGap(row: Row): CandleGap {
  return { afterTimestamp: Number(row['after']), nextTimestamp: Number(row['next']), missingCandles: Number(row['missing']) };
}

function toFigures(row: Row): {
  rows: number;
  firstTimestamp: number;
  lastTimestamp: number;
  gapCount: number;
  missingCandles: number;
  zeroVolumeRows: number;
} {
  return {
    rows: Number(row['rows']),
    firstTimestamp: Number(row['first']),
    lastTimestamp: Number(row['last']),
    gapCount: Number(row['gaps']),
    missingCandles: Number(row['missing']),
    zeroVolumeRows: Number(row['zero_volume']),
  };
}

async function writeSeries(context: MergeContext, series: TouchedSeries): Promise<string> {
  const staged = join(context.stagingFolder, `series-${String(series.id)}.parquet`);
  await context.session.run(`COPY (SELECT timestamp, ${VALUES.join(', ')} FROM merged_candle WHERE series = ${String(series.id)})
    TO ${quoteText(staged)} (FORMAT parquet, COMPRESSION zstd)`);
  return moveIntoPlace(context, staged, `candles/interval=${String(series.intervalS)}/instrument=${toFolderName(series.instrument)}`);
}

async function countBySource(session: DuckDbSession): Promise<ReadonlyMap<number, MergeCount>> {
  const rows = await session.rows(
    `SELECT source, count(*) FILTER (NOT repeats)::INTEGER AS added, count(*) FILTER (differs)::INTEGER AS replaced FROM judged_candle WHERE source >= 0 GROUP BY source`,
  );
  const touched = await session.rows(
    `SELECT source, list(DISTINCT instrument ORDER BY instrument) AS names, list(DISTINCT interval_s::INTEGER ORDER BY interval_s::INTEGER) AS intervals
     FROM (SELECT DISTINCT source, instrument, interval_s FROM incoming_candle) GROUP BY source`,
  );
  const lists = new Map(touched.map((row) => [Number(row['source']), row]));
  return new Map(
    rows.map((row) => {
      const { names, intervals } = lists.get(Number(row['source'])) ?? {};
      return [
        Number(row['source']),
        {
          added: Number(row['added']),
          replaced: Number(row['replaced']),
          names: toList(names).map(String),
          intervalsS: toList(intervals).map(Number),
        },
      ];
    }),
  );
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** CONFLICTING_DATA when a source that may not replace contradicts live rows or an earlier source. Changes are recorded, not committed. */
export async function mergeCandles(context: MergeContext, database: DatabaseSync): Promise<ReadonlyMap<number, MergeCount>> {
  const { session } = context;
  const touched = await findTouchedSeries(session);
  if (touched.length === 0) return new Map();
  const live = new Map(
    findLiveSeries(database, { instruments: touched.map((series) => series.instrument) }).map((file) => [
      `${String(file.intervalS)} ${file.instrument}`,
      file,
    ]),
  );
  const liveTouched = touched.flatMap((series) => {
    const file = live.get(`${String(series.intervalS)} ${series.instrument}`);
    return file === undefined ? [] : [{ id: series.id, file }];
  });
  await loadLiveRows(session, context.dataDir, liveTouched);
  await judgeRows(session);
  await refuseConflicts(session, context.refusing);
  const figures = await findSeriesFigures(session);
  const changed = touched.filter((series) => figures.has(series.id));
  for (let start = 0; start < changed.length; start += WRITTEN_AT_ONCE) {
    const batch = changed.slice(start, start + WRITTEN_AT_ONCE);
    // Flushing many small files is waiting, so the waits are shared.
    const paths = await Promise.all(batch.map((series) => writeSeries(context, series)));
    for (const [index, { id, instrument, intervalS }] of batch.entries()) {
      const found = figures.get(id);
      const path = paths[index];
      if (found !== undefined && path !== undefined)
        recordLiveSeries(database, context.importId, { ...found, instrument, intervalS, path });
    }
  }
  return countBySource(session);
}

/** Merges imported calls with the live ones into one new file. Runs under the write lock. */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { DuckDbSession, Row } from '../../duckdb/session.ts';
import { quotePath, quoteText } from '../../duckdb/sql-text.ts';
import { findLiveCalls, recordLiveCalls } from '../live/live-files.ts';
import { toConflictError, type MergeContext, type MergeCount } from './merge.ts';
import { moveIntoPlace } from './staging.ts';

const LISTED_CONFLICTS = 20;

/** A call keeps the position of its first import, even when its values are replaced. */
async function judgeRows(session: DuckDbSession, livePath: string | undefined): Promise<void> {
  const live =
    livePath === undefined
      ? ''
      : `UNION ALL SELECT -1, id, mint, caller, ts_ms, position FROM read_parquet(${quotePath(livePath)}, hive_partitioning = false)`;
  const base = livePath === undefined ? '0' : `(SELECT max(position) FROM read_parquet(${quotePath(livePath)}, hive_partitioning = false))`;
  await session.run(`CREATE OR REPLACE TEMP TABLE judged_call AS
    SELECT *, before.id IS NOT NULL AS repeats,
      before.id IS NOT NULL AND (mint <> before.mint OR caller <> before.caller OR ts_ms <> before.ts_ms) AS differs
    FROM (
      SELECT source, id, mint, caller, ts_ms, min(position) OVER (PARTITION BY id) AS position,
        lag({'id': id, 'mint': mint, 'caller': caller, 'ts_ms': ts_ms}) OVER same_id AS before, lead(id) OVER same_id IS NULL AS is_last
      FROM (SELECT source, id, mint, caller, ts_ms, ${base} + row_number() OVER (ORDER BY source, n) AS position FROM incoming_call ${live})
      WINDOW same_id AS (PARTITION BY id ORDER BY source))`);
}

function describeConflict(row: Row): string {
  const values = (prefix: string): string =>
    `${String(row[`${prefix}mint`])}, ${String(row[`${prefix}caller`])}, ${new Date(Number(row[`${prefix}ts_ms`])).toISOString()}`;
  return `call ${String(row['id'])}: has ${values('old_')}, the import says ${values('')}`;
}

async function refuseConflicts(session: DuckDbSession, refusing: readonly number[]): Promise<void> {
  if (refusing.length === 0) return;
  const inConflict = `differs AND source IN (${refusing.join(', ')})`;
  const rows = await session.rows(
    `SELECT id, mint, caller, ts_ms::DOUBLE AS ts_ms, before.mint AS old_mint, before.caller AS old_caller, before.ts_ms::DOUBLE AS old_ts_ms,
       (count(*) OVER ())::INTEGER AS total
     FROM judged_call WHERE ${inConflict} ORDER BY source, id LIMIT ${String(LISTED_CONFLICTS)}`,
  );
  if (rows.length > 0) throw toConflictError('calls', Number(rows[0]?.['total']), rows.map(describeConflict));
}

async function countBySource(session: DuckDbSession): Promise<ReadonlyMap<number, MergeCount>> {
  const rows = await session.rows(
    `SELECT source, count(*) FILTER (NOT repeats)::INTEGER AS added, count(*) FILTER (differs)::INTEGER AS replaced, list(DISTINCT caller ORDER BY caller) AS names
     FROM judged_call WHERE source >= 0 GROUP BY source`,
  );
  return new Map(
    rows.map((row) => {
      const names = Array.isArray(row['names']) ? row['names'].map(String) : [];
      return [Number(row['source']), { added: Number(row['added']), replaced: Number(row['replaced']), names, intervalsS: [] }];
    }),
  );
}

async function writeCalls(context: MergeContext, database: DatabaseSync): Promise<void> {
  const staged = join(context.stagingFolder, 'calls.parquet');
  await context.session.run(`COPY (SELECT id, mint, caller, ts_ms, position FROM judged_call WHERE is_last ORDER BY ts_ms, position)
    TO ${quoteText(staged)} (FORMAT parquet, COMPRESSION zstd)`);
  const [row] = await context.session.rows(
    `SELECT count(*)::INTEGER AS calls, min(ts_ms)::DOUBLE AS first, max(ts_ms)::DOUBLE AS last, count(DISTINCT caller)::INTEGER AS callers FROM judged_call WHERE is_last`,
  );
  recordLiveCalls(database, context.importId, {
    path: await moveIntoPlace(context, staged, 'calls'),
    calls: Number(row?.['calls']),
    firstMs: Number(row?.['first']),
    lastMs: Number(row?.['last']),
    callers: Number(row?.['callers']),
  });
}

/** CONFLICTING_DATA when a source that may not replace contradicts a call of the same id. Changes are recorded, not committed. */
export async function mergeCalls(context: MergeContext, database: DatabaseSync): Promise<ReadonlyMap<number, MergeCount>> {
  const { session } = context;
  const [incoming] = await session.rows('SELECT count(*)::INTEGER AS rows FROM incoming_call');
  if (Number(incoming?.['rows']) === 0) return new Map();
  const live = findLiveCalls(database);
  await judgeRows(session, live === undefined ? undefined : join(context.dataDir, live.path));
  await refuseConflicts(session, context.refusing);
  const counts = await countBySource(session);
  if ([...counts.values()].some((count) => count.added + count.replaced > 0)) await writeCalls(context, database);
  return counts;
}

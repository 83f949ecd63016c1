/** Reads the calls of the catalogue. */
import { join } from 'node:path';
import type { Call, CallFilter } from '@quantbot/core';
import { quotePath, quoteText } from '../../duckdb/sql-text.ts';
import { findLiveCalls } from './live-files.ts';
import type { CandleStore } from './read-candles.ts';

function toConditions(filter: CallFilter): string {
  const conditions = ['true'];
  if (filter.fromMs !== undefined) conditions.push(`ts_ms >= ${String(BigInt(Math.ceil(filter.fromMs)))}`);
  if (filter.toMs !== undefined) conditions.push(`ts_ms < ${String(BigInt(Math.ceil(filter.toMs)))}`);
  if (filter.callers !== undefined) conditions.push(`list_contains([${filter.callers.map(quoteText).join(', ')}]::VARCHAR[], caller)`);
  return conditions.join(' AND ');
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** In order of (ts_ms, order of import). */
export async function readCalls(store: CandleStore, filter: CallFilter): Promise<Call[]> {
  const live = findLiveCalls(store.database);
  if (live === undefined) return [];
  const path = quotePath(join(store.dataDir, live.path));
  const connection = await store.session.connect();
  try {
    const sql = `SELECT id, mint, caller, ts_ms::DOUBLE AS ts_ms FROM read_parquet(${path}, hive_partitioning = false)
      WHERE ${toConditions(filter)} ORDER BY read_parquet.ts_ms, position`;
    const reader = await connection.runAndReadAll(sql);
    const [ids = [], mints = [], callers = [], times = []] = reader.getColumnsJS();
    return ids.map((id, row) => ({ id: toText(id), mint: toText(mints[row]), caller: toText(callers[row]), ts_ms: Number(times[row]) }));
  } finally {
    connection.closeSync();
  }
}

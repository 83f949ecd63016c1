/** Removes what crashed imports and replaced files left behind, never younger than an hour. Runs under the write lock. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { databaseNowMs } from '../live/catalogue-database.ts';

const KEEP_MS = 60 * 60_000;

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function isOlder(path: string, thanMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && found.mtimeMs < thanMs;
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function sweepStaging(dataDir: string, olderThanMs: number): Promise<void> {
  const folder = join(dataDir, 'staging');
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (!isRunning(Number.parseInt(name, 10)) && (await isOlder(path, olderThanMs))) await rm(path, { recursive: true, force: true });
  }
}

/** Nobody else writes while this runs, so a file that the catalogue does not name is of no running import. */
async function sweepParquet(dataDir: string, known: ReadonlySet<string>, olderThanMs: number): Promise<void> {
  for (const path of [...(await listFiles(join(dataDir, 'candles'))), ...(await listFiles(join(dataDir, 'calls')))]) {
    if (!known.has(path) && (await isOlder(path, olderThanMs))) await rm(path, { force: true });
  }
}

function findKnownPaths(database: DatabaseSync): Set<string> {
  const rows = database
    .prepare('SELECT path FROM candle_file UNION ALL SELECT path FROM call_file UNION ALL SELECT path FROM retired_file')
    .all();
  return new Set(rows.map((row) => String(row['path'])));
}

/** After an import that failed: its files, unless the catalogue names them, because they were there before or another import wrote the same. */
export async function removeUnnamed(database: DatabaseSync, dataDir: string, paths: readonly string[]): Promise<void> {
  const known = findKnownPaths(database);
  for (const path of paths) {
    if (!known.has(path)) await rm(join(dataDir, path), { force: true });
  }
}

export async function sweep(database: DatabaseSync, dataDir: string): Promise<void> {
  const olderThanMs = databaseNowMs(database) - KEEP_MS;
  database.prepare('DELETE FROM retired_file WHERE retired_at_ms < ?').run(olderThanMs);
  const known = new Set([...findKnownPaths(database)].map((path) => join(dataDir, path)));
  await sweepParquet(dataDir, known, olderThanMs);
  await sweepStaging(dataDir, olderThanMs);
}

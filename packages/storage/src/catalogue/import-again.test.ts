import { createHash } from 'node:crypto';
import { readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import {
  createWorkspace,
  failureOf,
  importCallFile,
  importCandleFile,
  readSeries,
  toCandleLines,
  toCsv,
  type Workspace,
} from './testing/workspace.ts';

async function fingerprintFolder(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  // The -shm file is SQLite's shared memory: locks, not data.
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('-shm'))
    .map((entry) => join(entry.parentPath, entry.name));
  const hashes = files.sort().map(
    async (path) =>
      [
        path,
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ] as const,
  );
  return Object.fromEntries(await Promise.all(hashes));
}

async function listParquet(workspace: Workspace): Promise<string[]> {
  return (await readdir(workspace.dataDir, { recursive: true })).filter((name) => name.endsWith('.parquet')).sort();
}

const CALLS = 'mint,caller,ts_ms\nWIF,ansem,1700000000000\nPEPE,murad,1690000000000\nBONK,ansem,1700000000000\n';

describe('importing again', () => {
  it('the same files changes nothing, byte for byte', async () => {
    await using workspace = await createWorkspace();
    const candles = await workspace.write('a.csv', toCsv(toCandleLines(500)));
    const calls = await workspace.write('calls.csv', CALLS);
    await importCandleFile(workspace, candles);
    await importCallFile(workspace, calls);
    const before = await fingerprintFolder(workspace.dataDir);
    expect(await importCandleFile(workspace, candles)).toMatchObject({ rowsRead: 500, rowsAdded: 0, rowsReplaced: 0, names: ['PEPE'] });
    expect(await importCallFile(workspace, calls)).toMatchObject({ rowsRead: 3, rowsAdded: 0, rowsReplaced: 0 });
    expect(await fingerprintFolder(workspace.dataDir)).toEqual(before);
  });

  it('overlapping rows that agree merges them', async () => {
    await using workspace = await createWorkspace();
    const lines = toCandleLines(300);
    await importCandleFile(workspace, await workspace.write('late.csv', toCsv(lines.slice(100))));
    const outcome = await importCandleFile(workspace, await workspace.write('early.csv', toCsv(lines.slice(0, 200))));
    expect(outcome).toMatchObject({ rowsRead: 200, rowsAdded: 100, rowsReplaced: 0 });
    const { timestamp } = await readSeries(workspace.catalogue, 'PEPE', 60);
    expect([...timestamp]).toEqual(Array.from({ length: 300 }, (_, row) => BigInt(1_700_000_000 + row * 60)));
  });

  it('rows that contradict is refused with the rows, or replaces them when asked to', async () => {
    await using workspace = await createWorkspace();
    const lines = toCandleLines(60);
    await importCandleFile(workspace, await workspace.write('a.csv', toCsv(lines)));
    const changed = await workspace.write(
      'b.csv',
      toCsv([
        ...lines.map((line, row) => (row < 30 ? `${line.slice(0, line.lastIndexOf(','))},99` : line)),
        ...toCandleLines(1, { start: 1_700_003_600 }),
      ]),
    );
    const error = await failureOf(importCandleFile(workspace, changed));
    expect(error.code).toBe('CONFLICTING_DATA');
    expect(error.details).toMatchObject({ total: 30, conflicts: { length: 20 } });
    expect(error.message).toContain('PEPE 2023-11-14T22:13:20.000Z: has 1, 3, 0.5, 2, 0, the import says 1, 3, 0.5, 2, 99');
    expect(error.message).toContain('--on-conflict replace');
    expect([...(await readSeries(workspace.catalogue, 'PEPE', 60)).volume].filter((volume) => volume === 99)).toEqual([]);
    expect(await importCandleFile(workspace, changed, { onConflict: 'replace' })).toMatchObject({ rowsAdded: 1, rowsReplaced: 30 });
    const { volume } = await readSeries(workspace.catalogue, 'PEPE', 60);
    expect([volume.length, [...volume].filter((value) => value === 99).length]).toEqual([61, 30]);
  });

  it('files that contradict each other in one import is refused, unless the later may replace', async () => {
    await using workspace = await createWorkspace();
    const paths = [
      await workspace.write('a.csv', toCsv(['60,1,2,1,1,1'])),
      await workspace.write('b.csv', toCsv(['60,1,2,1,1,5', '120,1,2,1,1,1'])),
    ];
    const requests = (onConflict: 'refuse' | 'replace'): Parameters<typeof workspace.catalogue.importAll>[0] =>
      paths.map((path) => ({
        kind: 'candles',
        source: { path, format: 'csv' },
        mapping: {},
        instrument: 'PEPE',
        intervalS: 60,
        onConflict,
      }));
    expect((await failureOf(workspace.catalogue.importAll(requests('refuse')))).code).toBe('CONFLICTING_DATA');
    const outcomes = await workspace.catalogue.importAll(requests('replace'));
    expect(outcomes.map(({ rowsAdded, rowsReplaced }) => [rowsAdded, rowsReplaced])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect([...(await readSeries(workspace.catalogue, 'PEPE', 60)).volume]).toEqual([5, 1]);
  });

  it('a call of the same id with other values is refused, or replaces it in its place', async () => {
    await using workspace = await createWorkspace();
    await importCallFile(workspace, await workspace.write('a.csv', 'id,mint,caller,ts_ms\n1,WIF,ansem,5\n2,PEPE,murad,5\n'));
    const changed = await workspace.write('b.csv', 'id,mint,caller,ts_ms\n1,BONK,ansem,5\n');
    const error = await failureOf(importCallFile(workspace, changed));
    expect(error.code).toBe('CONFLICTING_DATA');
    expect(error.message).toContain('call 1: has WIF, ansem');
    expect(await importCallFile(workspace, changed, { onConflict: 'replace' })).toMatchObject({ rowsAdded: 0, rowsReplaced: 1 });
    expect((await workspace.catalogue.listCalls()).map((call) => [call.id, call.mint])).toEqual([
      ['1', 'BONK'],
      ['2', 'PEPE'],
    ]);
  });
});

describe('files that are no longer live', () => {
  it('stay for an hour and are swept by a later import', async () => {
    await using workspace = await createWorkspace();
    const lines = toCandleLines(30);
    for (const rows of [10, 20]) await importCandleFile(workspace, await workspace.write('a.csv', toCsv(lines.slice(0, rows))));
    const orphan = join(workspace.dataDir, 'candles', 'interval=60', 'orphan.parquet');
    await importCandleFile(
      workspace,
      await workspace.write(join('data', 'candles', 'interval=60', 'orphan.parquet'), toCsv(['60,1,2,1,1,1'])),
      { instrument: 'OTHER' },
    );
    expect(await listParquet(workspace)).toHaveLength(4);
    await utimes(orphan, 1000, 1000);
    const database = new DatabaseSync(join(workspace.dataDir, 'catalogue.db'));
    database.exec('UPDATE retired_file SET retired_at_ms = retired_at_ms - 3601000');
    const [retired] = database.prepare('SELECT path FROM retired_file').all();
    await utimes(join(workspace.dataDir, String(retired?.['path'])), 1000, 1000);
    database.close();
    await importCandleFile(workspace, await workspace.write('a.csv', toCsv(lines)));
    const left = await listParquet(workspace);
    expect(left).toHaveLength(3);
    expect(left).not.toContain(String(retired?.['path']));
    expect(left.some((name) => name.includes('orphan'))).toBe(false);
  });
});

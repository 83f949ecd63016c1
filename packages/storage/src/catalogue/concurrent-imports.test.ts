import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openCatalogue } from './open-catalogue.ts';
import { createWorkspace, readSeries, toCandleLines, toCsv, type Workspace } from './testing/workspace.ts';

const PROGRAM = fileURLToPath(new URL('./testing/import-process.ts', import.meta.url));
const HEADER = 'timestamp,open,high,low,close,volume,symbol';
const INSTRUMENTS = 12;
const KILLS = 8;

function toMarket(rows: number, start = 1_700_000_000): string {
  const names = Array.from({ length: INSTRUMENTS }, (_, index) => `COIN${String(index)}`);
  return toCsv(
    names.flatMap((name) => toCandleLines(rows, { start }).map((line) => `${line},${name}`)),
    HEADER,
  );
}

function startImport(workspace: Workspace, ...paths: string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, workspace.dataDir, ...paths], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function exitCodeOf(child: ChildProcess): Promise<unknown> {
  const [code] = (await once(child, 'exit')) as [unknown];
  return code;
}

/** Rows of every series, as read from the files, each series checked against what the catalogue says of it. */
async function readRowCounts(dataDir: string): Promise<number[]> {
  const catalogue = await openCatalogue(dataDir);
  try {
    const series = await catalogue.listSeries();
    const counts = [];
    for await (const { candles } of catalogue.readCandles(series)) counts.push(candles.timestamp.length);
    expect(counts).toEqual(series.map((summary) => summary.rows));
    return counts;
  } finally {
    await catalogue.close();
  }
}

describe('an import that is killed', () => {
  it('leaves the old state or the new one, at whatever moment, and does not hinder the next import', async () => {
    await using workspace = await createWorkspace();
    const first = await workspace.write('first.csv', toMarket(100));
    const second = await workspace.write('second.csv', toMarket(3000));
    await exitCodeOf(startImport(workspace, first));
    const states = new Set<string>();
    for (let moment = 0; moment < KILLS; moment += 1) {
      const child = startImport(workspace, second);
      if (child.stdout === null) throw new Error('the child has a stdout');
      await once(child.stdout, 'data');
      // From the first steps of the import until after its usual end.
      await wait((moment * 240) / KILLS);
      child.kill('SIGKILL');
      await exitCodeOf(child);
      const counts = await readRowCounts(workspace.dataDir);
      expect(counts).toHaveLength(INSTRUMENTS);
      expect(new Set(counts).size, `the series are not of one state: ${counts.join(', ')}`).toBe(1);
      states.add(String(counts[0]));
      if (counts[0] === 3000) break;
    }
    expect(states).toContain('100');
    expect(await exitCodeOf(startImport(workspace, second))).toBe(0);
    expect(await readRowCounts(workspace.dataDir)).toEqual(Array.from({ length: INSTRUMENTS }, () => 3000));
  });
});

describe('imports at the same time', () => {
  it('of several processes all succeed, each merged with what the others wrote', async () => {
    await using workspace = await createWorkspace();
    const starts = [1_700_000_000, 1_700_030_000, 1_700_090_000];
    const paths = await Promise.all(starts.map((start, index) => workspace.write(`part${String(index)}.csv`, toMarket(1000, start))));
    const codes = await Promise.all(paths.map((path) => exitCodeOf(startImport(workspace, path))));
    expect(codes).toEqual([0, 0, 0]);
    // The first two overlap by half.
    expect(await readRowCounts(workspace.dataDir)).toEqual(Array.from({ length: INSTRUMENTS }, () => 2500));
  });

  it('of one process wait for each other', async () => {
    await using workspace = await createWorkspace();
    const [a, b] = await Promise.all([workspace.write('a.csv', toMarket(10)), workspace.write('b.csv', toMarket(20))]);
    const request = (path: string): Parameters<Workspace['catalogue']['importCandles']>[0] => ({
      source: { path, format: 'csv' },
      mapping: {},
      onConflict: 'refuse',
    });
    const outcomes = await Promise.all([workspace.catalogue.importCandles(request(a)), workspace.catalogue.importCandles(request(b))]);
    expect(outcomes.map((outcome) => outcome.rowsAdded)).toEqual([120, 120]);
  });

  it('never show a reader half of an import', async () => {
    await using workspace = await createWorkspace();
    const paths = await Promise.all([500, 1000, 1500, 2000].map((rows) => workspace.write(`${String(rows)}.csv`, toMarket(rows))));
    await exitCodeOf(startImport(workspace, ...paths.slice(0, 1)));
    const writer = (async () => {
      for (const path of paths.slice(1)) expect(await exitCodeOf(startImport(workspace, path))).toBe(0);
      return true;
    })();
    const seen = new Set<number>();
    while (!(await Promise.race([writer, wait(1, false)]))) {
      const counts = await readRowCounts(workspace.dataDir);
      expect(new Set(counts).size).toBe(1);
      seen.add(counts[0] ?? 0);
    }
    expect(await readSeries(workspace.catalogue, 'COIN0', 60)).toMatchObject({ timestamp: { length: 2000 } });
    expect(seen.size).toBeGreaterThan(1);
  });

  it('leave no staging folder behind', async () => {
    await using workspace = await createWorkspace();
    await workspace.catalogue.importCandles({
      source: { path: await workspace.write('a.csv', toMarket(10)), format: 'csv' },
      mapping: {},
      onConflict: 'refuse',
    });
    expect(await readdir(join(workspace.dataDir, 'staging'))).toEqual([]);
  });
});

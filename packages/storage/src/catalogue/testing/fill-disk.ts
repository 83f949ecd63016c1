/**
 * For tests, run inside a file system of a few MB (arguments: its folder, and a folder elsewhere with `small.csv` and `large.csv`).
 * Imports again and again with other amounts of room left, and says as JSON what each attempt came to.
 */
import { readdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, type MarketDataCatalogue } from '@quantbot/core';
import { openCatalogue } from '../open-catalogue.ts';

const [disk = '', sources = ''] = process.argv.slice(2);
const KIB = 1024;
const ATTEMPTS = 9;
const dataDir = join(disk, 'data');
const filler = join(disk, 'filler');

async function tryImport(catalogue: MarketDataCatalogue, name: string): Promise<string> {
  try {
    await catalogue.importCandles({
      source: { path: join(sources, name), format: 'csv' },
      mapping: {},
      instrument: 'PEPE',
      onConflict: 'refuse',
    });
    return 'imported';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

async function startOver(): Promise<MarketDataCatalogue> {
  rmSync(filler, { force: true });
  rmSync(dataDir, { recursive: true, force: true });
  const catalogue = await openCatalogue(dataDir);
  if ((await tryImport(catalogue, 'small.csv')) !== 'imported') throw new Error('the small file must fit');
  return catalogue;
}

function leaveFree(bytes: number): void {
  rmSync(filler, { force: true });
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(bavail * bsize));
  truncateSync(filler, Math.max(0, bavail * bsize - bytes));
}

function listFiles(): string[] {
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.parquet') || name.startsWith('staging/'),
  );
}

async function look(catalogue: MarketDataCatalogue, result: string): Promise<unknown> {
  const series = await catalogue.listSeries();
  return { result, rows: series.map((summary) => summary.rows), files: listFiles().length };
}

const seen = new Map<string, unknown>();
let catalogue = await startOver();
let tooLittleKib = 0;
let enoughKib = 2 * KIB;
// Nothing free first; then closing in on the room where the data just fits and the catalogue's own entry does not.
for (let attempt = 0, freeKib = 0; attempt < ATTEMPTS; attempt += 1, freeKib = Math.floor((tooLittleKib + enoughKib) / 2)) {
  leaveFree(freeKib * KIB);
  const state = await look(catalogue, await tryImport(catalogue, 'large.csv'));
  seen.set(JSON.stringify(state), state);
  if (JSON.stringify(state).includes('imported')) {
    enoughKib = freeKib;
    await catalogue.close();
    catalogue = await startOver();
  } else {
    tooLittleKib = freeKib;
  }
}
rmSync(filler, { force: true });
const after = await tryImport(catalogue, 'large.csv');
await catalogue.close();
process.stdout.write(JSON.stringify({ states: [...seen.values()], tooLittleKib, enoughKib, after }));

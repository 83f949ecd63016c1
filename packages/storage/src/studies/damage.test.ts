import { copyFile, mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { TrialRecord } from '@quantbot/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStudyStore } from './open-study-store.ts';
import { failureOf } from './testing/fixture.ts';
import { claim, collect, createSampleStudy, noise, NOW_MS, toLargeTrials } from './testing/sample-trials.ts';
import { runOnSmallDisk } from '../testing/small-disk.ts';

const FILL_DISK = fileURLToPath(new URL('./testing/fill-studies.ts', import.meta.url));
const BLOCK_SIZE = 20;
const BLOCKS = 16;
const CUTS = process.env['QUANTBOT_LONG'] === undefined ? 30 : 1_500;
const ALL = toLargeTrials(0, BLOCK_SIZE * BLOCKS);

let folder = '';
/** A store as a power cut would leave it: part of it in the file, part in its write-ahead log. */
let whole = { path: '', bytes: 0, walBytes: 0 };

async function copyStore(from: string, to: string): Promise<void> {
  await rm(`${to}-shm`, { force: true });
  for (const suffix of ['', '-wal']) await copyFile(`${from}${suffix}`, `${to}${suffix}`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quantbot-damage-'));
  const path = join(folder, 'whole.db');
  const live = join(folder, 'live.db');
  const store = await openStudyStore({ kind: 'sqlite', path: live });
  await createSampleStudy(store, 'a');
  const token = await claim(store, 'a');
  for (let first = 0; first < ALL.length; first += BLOCK_SIZE) {
    await store.recordBlock({ studyId: 'a', token, first, trials: ALL.slice(first, first + BLOCK_SIZE), atMs: NOW_MS });
    if (first === (BLOCKS / 2) * BLOCK_SIZE) {
      const checkpointer = new DatabaseSync(live);
      checkpointer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      checkpointer.close();
    }
  }
  await copyStore(live, path);
  await store.close();
  whole = { path, bytes: (await stat(path)).size, walBytes: (await stat(`${path}-wal`)).size };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** All that can be read of a store: trials by number, and by an objective, which lie in other pages. */
async function readAll(path: string): Promise<TrialRecord[]> {
  const store = await openStudyStore({ kind: 'sqlite', path });
  try {
    const trials = await collect(store.streamTrials('a'));
    const { total } = await store.listTrials('a', {
      sort: { key: { kind: 'objective', name: 'mar', period: 'all' }, direction: 'desc' },
      limit: 1000,
    });
    expect([(await store.findStudy('a'))?.trialsRecorded, total]).toEqual([trials.length, trials.length]);
    return trials;
  } finally {
    await store.close();
  }
}

/** Cuts near both ends, at the borders of pages, and anywhere. */
function toCuts(bytes: number): number[] {
  const anywhere = Array.from({ length: CUTS }, (_, index) => Math.floor(noise(index, bytes) * bytes));
  return [1, 15, 16, 99, 100, 511, 512, 4095, 4096, 4097, bytes - 1, bytes - 4096, ...anywhere].filter((cut) => cut < bytes);
}

async function cut(suffix: '' | '-wal', bytes: number): Promise<string> {
  const torn = join(folder, 'torn.db');
  await copyStore(whole.path, torn);
  await truncate(`${torn}${suffix}`, bytes);
  return torn;
}

describe('a study store whose file was torn', () => {
  it('is complete when nothing is missing', async () => {
    expect(await readAll(await cut('', whole.bytes))).toEqual(ALL);
    expect(whole.walBytes).toBeGreaterThan(100_000);
  });

  it('has the state after one of its commits, wherever its log breaks off', { timeout: 300_000 }, async () => {
    const seen = new Set<number>();
    for (const bytes of toCuts(whole.walBytes)) {
      const trials = await readAll(await cut('-wal', bytes));
      expect(trials).toEqual(ALL.slice(0, trials.length));
      expect(trials.length % BLOCK_SIZE).toBe(0);
      expect(trials.length).toBeGreaterThanOrEqual((BLOCKS / 2) * BLOCK_SIZE);
      seen.add(trials.length);
    }
    expect(seen.size).toBeGreaterThan(3);
  });

  it('is refused by name, with what to do, wherever the file itself breaks off', { timeout: 300_000 }, async () => {
    let refusals = 0;
    for (const bytes of [0, ...toCuts(whole.bytes)]) {
      const torn = await cut('', bytes);
      const reading = readAll(torn);
      const trials = await reading.catch(() => undefined);
      // A cut may miss all that matters, but then nothing at all is missing.
      if (trials !== undefined) expect(trials).toEqual(ALL);
      else
        expect(await failureOf(reading)).toMatchObject({
          code: 'STORAGE_FAILED',
          message: expect.stringMatching(/torn\.db is damaged .*backup/s) as string,
        });
      refusals += Number(trials === undefined);
    }
    expect(refusals).toBeGreaterThan(CUTS / 2);
  });

  it('is not taken for one when it is a text, or the database of another program', async () => {
    const text = join(folder, 'text.db');
    await writeFile(text, 'These are my notes, and they are longer than the header of a database file. '.repeat(20));
    expect(await failureOf(openStudyStore({ kind: 'sqlite', path: text }))).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining(text) as string,
    });
    const foreign = join(folder, 'foreign.db');
    const database = new DatabaseSync(foreign);
    database.exec('CREATE TABLE notes (text)');
    database.close();
    expect(await failureOf(openStudyStore({ kind: 'sqlite', path: foreign }))).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('no study store') as string,
    });
  });
});

describe('a disk without room', () => {
  it.skipIf(runOnSmallDisk === undefined)(
    `refuses the block and keeps all others; with room again, recording goes on${runOnSmallDisk === undefined ? ' (skipped: this machine allows no mounts)' : ''}`,
    () => {
      const output = runOnSmallDisk?.((disk) => [process.execPath, FILL_DISK, disk], 8) ?? '';
      expect(JSON.parse(output)).toEqual({
        refusals: ['DISK_FULL', 'DISK_FULL', 'DISK_FULL'],
        exact: [true, true],
        wentOn: true,
        keptAll: true,
      });
    },
  );
});

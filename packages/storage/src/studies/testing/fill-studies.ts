/**
 * For tests, run inside a file system of a few MB (argument: its folder): records until the disk is full, makes room, goes on, and says
 * as JSON what it saw. A file of ballast is the room that is made.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@quantbot/core';
import { openStudyStore } from '../open-study-store.ts';
import { claim, collect, createSampleStudy, NOW_MS, toLargeTrials } from './sample-trials.ts';

const [disk = ''] = process.argv.slice(2);
const BALLAST_BYTES = 3 * 1024 * 1024;
const BLOCK_SIZE = 64;
const ballast = join(disk, 'ballast');
const location = { kind: 'sqlite', path: join(disk, 'data', 'studies.db') } as const;

mkdirSync(join(disk, 'data'));
writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES, 1));
const store = await openStudyStore(location);
await createSampleStudy(store, 'a');
const token = await claim(store, 'a');

async function tryRecord(first: number): Promise<string> {
  try {
    await store.recordBlock({ studyId: 'a', token, first, trials: toLargeTrials(first, BLOCK_SIZE), atMs: NOW_MS });
    return 'recorded';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

async function recordUntilRefused(from: number): Promise<{ next: number; refusal: string }> {
  for (let first = from; ; first += BLOCK_SIZE) {
    const result = await tryRecord(first);
    if (result !== 'recorded') return { next: first, refusal: result };
  }
}

async function isExact(trials: number): Promise<boolean> {
  const read = await collect(store.streamTrials('a'));
  return JSON.stringify(read) === JSON.stringify(toLargeTrials(0, trials)) && (await store.findStudy('a'))?.trialsRecorded === trials;
}

const full = await recordUntilRefused(0);
const exactWhenFull = await isExact(full.next);
const again = await tryRecord(full.next);
rmSync(ballast);
const withRoom = await recordUntilRefused(full.next);
const exactAtTheEnd = await isExact(withRoom.next);
await store.close();
const reopened = await openStudyStore(location);
const kept = (await reopened.findStudy('a'))?.trialsRecorded;
await reopened.close();
process.stdout.write(
  JSON.stringify({
    refusals: [full.refusal, again, withRoom.refusal],
    exact: [exactWhenFull, exactAtTheEnd],
    wentOn: withRoom.next > full.next,
    keptAll: kept === withRoom.next,
  }),
);

/**
 * For tests: records the trials of a study in a process of its own, which may be killed, and says `recorded N` after every block.
 * Arguments: location as JSON, study, number of trials, block size, name of the owner. It takes any claim over at once, and
 * takes it back when it lost it, until all trials are there.
 */
import { AppError } from '@quantbot/core';
import { openStudyStore, type StudyStoreLocation } from '../open-study-store.ts';
import { NOW_MS, toLargeTrials } from './sample-trials.ts';

const [location = '', id = '', trials = '', blockSize = '', owner = ''] = process.argv.slice(2);
const total = Number(trials);
const store = await openStudyStore(JSON.parse(location) as StudyStoreLocation);

async function findRecorded(): Promise<number> {
  const study = await store.findStudy(id);
  if (study === undefined) throw new Error(`there is no study ${id}`);
  return study.trialsRecorded;
}

function isLost(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'STALE_CLAIM' || error.code === 'BLOCK_OUT_OF_ORDER');
}

for (let first = await findRecorded(); first < total; first = await findRecorded()) {
  const token = (await store.claimStudy({ id, owner, nowMs: NOW_MS, staleAfterMs: 0 })) ?? 0;
  try {
    while (first < total) {
      const block = toLargeTrials(first, Math.min(Number(blockSize), total - first));
      await store.recordBlock({ studyId: id, token, first, trials: block, atMs: NOW_MS });
      first += block.length;
      process.stdout.write(`recorded ${String(first)}\n`);
    }
  } catch (error) {
    if (!isLost(error)) throw error;
  }
}
await store.close();

import { stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createSqliteStore, describePostgres } from './testing/databases.ts';
import type { CreateStore } from './testing/fixture.ts';
import { claim, createSampleStudy, NOW_MS, toLargeTrial, toLargeTrials } from './testing/sample-trials.ts';

const LONG = process.env['QUANTBOT_LONG'] !== undefined;
const TRIALS = LONG ? 100_000 : 5_000;
const BLOCK_SIZE = 256;
/** A page of 100,000 trials takes 0.1 s; this is for slow machines, and still far from loading the study. */
const PAGE_LIMIT_MS = 2_000;
const MEMORY_LIMIT_BYTES = 250e6;

const MAR = { kind: 'objective', name: 'mar', period: 'all' } as const;

async function timeMs(action: () => Promise<unknown>): Promise<number> {
  const begunMs = performance.now();
  await action();
  return performance.now() - begunMs;
}

function describeLargeStudy(createStore: CreateStore): void {
  it(`of ${String(TRIALS)} trials is sorted, filtered and streamed without being loaded`, { timeout: 600_000 }, async () => {
    await using fixture = await createStore();
    const { store } = fixture;
    await createSampleStudy(store, 'a');
    const token = await claim(store, 'a');
    for (let first = 0; first < TRIALS; first += BLOCK_SIZE) {
      await store.recordBlock({
        studyId: 'a',
        token,
        first,
        trials: toLargeTrials(first, Math.min(BLOCK_SIZE, TRIALS - first)),
        atMs: NOW_MS,
      });
    }
    const conditions = [
      { key: { kind: 'metric', name: 'metric_3', period: '30d' }, is: '>', value: 100 },
      { key: { kind: 'param', name: 'mode' }, is: '=', value: 'trail' },
    ] as const;
    expect(await timeMs(() => store.listTrials('a', { sort: { key: MAR, direction: 'desc' } }))).toBeLessThan(PAGE_LIMIT_MS);
    expect(
      await timeMs(() =>
        store.listTrials('a', { sort: { key: MAR, direction: 'asc' }, offset: TRIALS / 2, acceptedOnly: true, conditions }),
      ),
    ).toBeLessThan(PAGE_LIMIT_MS);
    expect(await timeMs(() => store.findLeaderboard({ ...MAR, objective: 'mar', limit: 100 }))).toBeLessThan(PAGE_LIMIT_MS);
    const before = process.memoryUsage().rss;
    let next = 0;
    for await (const trial of store.streamTrials('a')) {
      if (next % 997 === 0) expect(trial).toEqual(toLargeTrial(next));
      next += 1;
    }
    expect(next).toBe(TRIALS);
    expect(process.memoryUsage().rss - before).toBeLessThan(MEMORY_LIMIT_BYTES);
    const { items } = await store.listTrials('a', { sort: { key: MAR, direction: 'desc' }, states: ['complete'], limit: 20 });
    const best = await store.findLeaderboard({ objective: 'mar', period: 'all', limit: 20 });
    expect(best.map((row) => row.trial)).toEqual(items);
    if (fixture.location.kind === 'sqlite') expect((await stat(fixture.location.path)).size / TRIALS).toBeLessThan(6_000);
  });
}

describe('a study on SQLite', () => {
  describeLargeStudy(createSqliteStore);
});

describePostgres('a study on PostgreSQL', (_server, createStore) => {
  describeLargeStudy(createStore);
});

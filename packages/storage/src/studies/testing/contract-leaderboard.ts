/** Contract of the study store: the leaderboard over all studies. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf, type CreateStore } from './fixture.ts';
import { createSampleStudy, NOW_MS, recordTrials, toTrial } from './sample-trials.ts';

export function describeLeaderboard(createStore: CreateStore): void {
  describe('the leaderboard', () => {
    it('shows the best complete trials of all studies, with study and strategy', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a', { name: 'first', definition: { strategy: 'ema' } });
      await createSampleStudy(store, 'b', { name: 'second' });
      const better = toTrial(1, { objectives: { mar: 9 }, rejections: ['min_trades'] });
      await recordTrials(store, 'a', [toTrial(0, { objectives: { mar: 3 } }), better, toTrial(2, { objectives: { mar: null } })]);
      await recordTrials(store, 'b', [
        toTrial(0, { objectives: { mar: 5 } }),
        toTrial(1, { objectives: { mar: 50 }, state: 'pruned' }),
        toTrial(2, { state: 'failed' }),
      ]);
      const rows = await store.findLeaderboard({ objective: 'mar', period: 'all' });
      expect(rows.map(({ rank, study, trial, value }) => [rank, study.id, trial.number, value])).toEqual([
        [1, 'a', 1, 9],
        [2, 'b', 0, 5],
        [3, 'a', 0, 3],
      ]);
      expect(rows[0]).toEqual({ rank: 1, study: { id: 'a', name: 'first', strategy: 'ema', trialsRecorded: 3 }, trial: better, value: 9 });
      const numbers = async (query: Partial<Parameters<typeof store.findLeaderboard>[0]>): Promise<unknown> =>
        (await store.findLeaderboard({ objective: 'mar', period: 'all', ...query })).map(
          ({ study, trial }) => `${study.id}${String(trial.number)}`,
        );
      expect(await numbers({ acceptedOnly: true })).toEqual(['b0', 'a0']);
      expect(await numbers({ strategy: 'ema' })).toEqual(['a1', 'a0']);
      expect(await numbers({ limit: 1 })).toEqual(['a1']);
      expect(await numbers({ limit: 0 })).toEqual([]);
      expect(await numbers({ period: '30d' })).toEqual([]);
      expect(await numbers({ objective: 'trades' })).toEqual([]);
      expect(await codeOf(store.findLeaderboard({ objective: 'mar', period: 'all', limit: 1001 }))).toBe('INVALID_REQUEST');
    });

    it('tells at once of trials that came and studies that went', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      const rows = async (): Promise<unknown> =>
        (await store.findLeaderboard({ objective: 'mar', period: 'all' })).map(({ study, trial }) => `${study.id}${String(trial.number)}`);
      await createSampleStudy(store, 'a');
      await createSampleStudy(store, 'b', { createdAtMs: NOW_MS + 1 });
      const token = await recordTrials(store, 'a', [toTrial(0, { objectives: { mar: 3 } })]);
      expect(await rows()).toEqual(['a0']);
      await recordTrials(store, 'b', [toTrial(0, { objectives: { mar: 2 } })]);
      expect(await rows()).toEqual(['a0', 'b0']);
      await store.recordBlock({ studyId: 'a', token, first: 1, trials: [toTrial(1, { objectives: { mar: 4 } })], atMs: NOW_MS });
      expect(await rows()).toEqual(['a1', 'a0', 'b0']);
      await store.setStudyState({ id: 'a', from: ['waiting', 'running'], to: 'cancelled', reason: 'enough', atMs: NOW_MS });
      await store.deleteStudy('a', NOW_MS + 1e9, 1);
      expect(await rows()).toEqual(['b0']);
    });

    it('orders as a list in memory would: by value, then the older study, then the lower number', async () => {
      await using fixture = await createStore();
      const blockSizes = [1, 3, 7];
      const trial = fc.record({
        objectives: fc.record({ mar: fc.option(fc.constantFrom(-1, 0, 1, 2, 1e300)) }),
        state: fc.constantFrom('complete' as const, 'pruned' as const, 'failed' as const),
        rejections: fc.constantFrom<string[]>([], ['min_trades']),
      });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(trial, { minLength: 1, maxLength: 15 }), { minLength: 1, maxLength: 4 }),
          fc.nat(9),
          fc.boolean(),
          async (studies, limit, acceptedOnly) => {
            run += 1;
            const strategy = `strategy ${String(run)}`;
            const all = [];
            for (const [age, samples] of studies.entries()) {
              // Two studies of each age: then the id decides.
              const id = `${String(run)}-${String(9 - age)}`;
              const createdAtMs = NOW_MS + Math.floor(age / 2);
              await createSampleStudy(fixture.store, id, { createdAtMs, definition: { strategy } });
              const trials = samples.map((sample, number) => toTrial(number, sample));
              const size = blockSizes[age % 3] ?? 1;
              for (let first = 0; first < trials.length; first += size)
                await recordTrials(fixture.store, id, trials.slice(first, first + size));
              all.push(...trials.map((one) => ({ id, createdAtMs, one, value: one.figures[0]?.objectives['mar'] ?? null })));
            }
            const expected = all
              .filter(({ one, value }) => value !== null && one.state === 'complete' && !(acceptedOnly && one.rejections.length > 0))
              .toSorted(
                (a, b) =>
                  Number(b.value) - Number(a.value) ||
                  a.createdAtMs - b.createdAtMs ||
                  (a.id < b.id ? -1 : Number(a.id > b.id)) ||
                  a.one.number - b.one.number,
              )
              .slice(0, limit)
              .map(({ id, one, value }) => [id, one.number, value]);
            const rows = await fixture.store.findLeaderboard({ objective: 'mar', period: 'all', strategy, acceptedOnly, limit });
            expect(rows.map((row) => [row.study.id, row.trial.number, row.value])).toEqual(expected);
          },
        ),
        { numRuns: 30, seed: 42 },
      );
    });
  });
}

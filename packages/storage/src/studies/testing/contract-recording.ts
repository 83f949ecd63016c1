/** Contract of the study store: claims, and blocks that are recorded whole, in order, once. */
import type { StudyStore, TrialRecord } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { codeOf, failureOf, type CreateStore } from './fixture.ts';
import { claim, collect, createSampleStudy, NOW_MS, STALE_AFTER_MS, toTrial } from './sample-trials.ts';

function toClaim(owner: string, nowMs: number): { id: string; owner: string; nowMs: number; staleAfterMs: number } {
  return { id: 'a', owner, nowMs, staleAfterMs: STALE_AFTER_MS };
}

function record(store: StudyStore, token: number, trials: readonly TrialRecord[]): Promise<void> {
  return store.recordBlock({ studyId: 'a', token, first: trials[0]?.number ?? 0, trials, atMs: NOW_MS + 9 });
}

export function describeRecording(createStore: CreateStore): void {
  describe('a claim', () => {
    it('belongs to one runner until it is released, or not renewed for too long', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a');
      const first = await store.claimStudy(toClaim('one', NOW_MS));
      expect(first).toBeGreaterThan(0);
      expect(await store.claimStudy(toClaim('two', NOW_MS + STALE_AFTER_MS - 1))).toBeUndefined();
      expect(await store.renewClaim({ id: 'a', token: first ?? 0, nowMs: NOW_MS + 1000 })).toBe(true);
      expect(await store.claimStudy(toClaim('two', NOW_MS + STALE_AFTER_MS))).toBeUndefined();
      const second = await store.claimStudy(toClaim('two', NOW_MS + STALE_AFTER_MS + 1000));
      expect(second).toBeGreaterThan(first ?? 0);
      expect(await store.renewClaim({ id: 'a', token: first ?? 0, nowMs: NOW_MS })).toBe(false);
      await store.releaseClaim({ id: 'a', token: first ?? 0 });
      expect(await store.claimStudy(toClaim('three', NOW_MS + STALE_AFTER_MS + 1001))).toBeUndefined();
      await store.releaseClaim({ id: 'a', token: second ?? 0 });
      expect(await store.claimStudy(toClaim('three', NOW_MS + STALE_AFTER_MS + 1001))).toBeGreaterThan(second ?? 0);
    });

    it('does not lock a study for ever when the clock was put back', async () => {
      await using fixture = await createStore();
      await createSampleStudy(fixture.store, 'a');
      await fixture.store.claimStudy(toClaim('one', NOW_MS + 10 * 365 * 86_400_000));
      expect(await fixture.store.claimStudy(toClaim('two', NOW_MS))).toBeGreaterThan(1);
    });

    it('can be taken again by the runner that holds it, whose older token is then void', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a');
      const token = await claim(store, 'a', 'one');
      expect(await claim(store, 'a', 'one')).toBeGreaterThan(token);
      expect(await codeOf(record(store, token, [toTrial(0)]))).toBe('STALE_CLAIM');
    });

    it('goes to one of many that ask at once', async () => {
      await using fixture = await createStore();
      await createSampleStudy(fixture.store, 'a');
      const others = await Promise.all([fixture.openAnother(), fixture.openAnother(), fixture.openAnother()]);
      const tokens = await Promise.all(
        [...others, ...others].map((store, index) => store.claimStudy(toClaim(`runner ${String(index)}`, NOW_MS))),
      );
      expect(tokens.filter((token) => token !== undefined)).toHaveLength(1);
      await Promise.all(others.map((store) => store.close()));
    });

    it('needs a study', async () => {
      await using fixture = await createStore();
      expect(await codeOf(claim(fixture.store, 'nobody'))).toBe('STUDY_NOT_FOUND');
      expect(await fixture.store.renewClaim({ id: 'nobody', token: 1, nowMs: NOW_MS })).toBe(false);
    });
  });

  describe('a block of trials', () => {
    it('is recorded whole and counted by state', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a');
      const token = await claim(store, 'a');
      const trials = [toTrial(0), toTrial(1, { state: 'failed' }), toTrial(2, { state: 'pruned' }), toTrial(3, { state: 'failed' })];
      await record(store, token, trials);
      await record(store, token, [toTrial(4)]);
      expect(await store.findStudy('a')).toMatchObject({ trialsRecorded: 5, trialsFailed: 2, trialsPruned: 1, updatedAtMs: NOW_MS + 9 });
      expect(await collect(store.streamTrials('a'))).toEqual([...trials, toTrial(4)]);
      expect(await store.findTrial('a', 3)).toEqual(trials[3]);
      expect(await store.findTrial('a', 5)).toBeUndefined();
      expect(await store.findTrial('a', 1.5)).toBeUndefined();
    });

    it('is refused without a trace when another runner has taken over', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a');
      const stale = await claim(store, 'a', 'one');
      await record(store, stale, [toTrial(0)]);
      const token = (await store.claimStudy(toClaim('two', NOW_MS + STALE_AFTER_MS))) ?? 0;
      const refusal = await failureOf(record(store, stale, [toTrial(1)]));
      expect([refusal.code, refusal.message]).toEqual(['STALE_CLAIM', expect.stringContaining('two holds it now')]);
      expect(await codeOf(record(store, token + 1, [toTrial(1)]))).toBe('STALE_CLAIM');
      expect(await store.findStudy('a')).toMatchObject({ trialsRecorded: 1 });
      await record(store, token, [toTrial(1)]);
      await store.releaseClaim({ id: 'a', token });
      expect(await codeOf(record(store, token, [toTrial(2)]))).toBe('STALE_CLAIM');
      expect(await collect(store.streamTrials('a'))).toEqual([toTrial(0), toTrial(1)]);
    });

    it('is refused when it does not follow the last one, comes again, or is numbered wrongly', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a');
      const token = await claim(store, 'a');
      await record(store, token, [toTrial(0), toTrial(1)]);
      expect(await codeOf(record(store, token, [toTrial(3)]))).toBe('BLOCK_OUT_OF_ORDER');
      expect(await codeOf(record(store, token, [toTrial(1)]))).toBe('BLOCK_OUT_OF_ORDER');
      expect(await codeOf(record(store, token, [toTrial(0), toTrial(1)]))).toBe('BLOCK_OUT_OF_ORDER');
      expect(await codeOf(record(store, token, [toTrial(2), toTrial(2)]))).toBe('BLOCK_OUT_OF_ORDER');
      expect(await store.findStudy('a')).toMatchObject({ trialsRecorded: 2, updatedAtMs: NOW_MS + 9 });
      expect(await collect(store.streamTrials('a'))).toEqual([toTrial(0), toTrial(1)]);
    });

    it('with a figure that is no number is a bug of the caller, and nothing is written', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a');
      const token = await claim(store, 'a');
      await expect(record(store, token, [toTrial(0), toTrial(1, { metrics: { sharpe_ratio: NaN } })])).rejects.toThrow(RangeError);
      expect(await store.findStudy('a')).toMatchObject({ trialsRecorded: 0 });
    });

    it('may be larger than what fits into one statement', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a');
      const trials = Array.from({ length: 6_001 }, (_, number) => toTrial(number));
      await record(store, await claim(store, 'a'), trials);
      expect(await collect(store.streamTrials('a', 5_998))).toEqual(trials.slice(5_998));
      expect(
        (await store.listTrials('a', { sort: { key: { kind: 'objective', name: 'mar', period: 'all' }, direction: 'desc' }, limit: 2 }))
          .items,
      ).toEqual([toTrial(6_000), toTrial(5_999)]);
    });

    it('is recorded by one of two runners that try at once', async () => {
      await using fixture = await createStore();
      await createSampleStudy(fixture.store, 'a');
      const token = await claim(fixture.store, 'a');
      const other = await fixture.openAnother();
      for (let number = 0; number < 10; number += 1) {
        const attempts = await Promise.allSettled([
          record(fixture.store, token, [toTrial(number)]),
          record(other, token, [toTrial(number)]),
        ]);
        expect(attempts.map((attempt) => attempt.status).sort()).toEqual(['fulfilled', 'rejected']);
      }
      await other.close();
      expect(await collect(fixture.store.streamTrials('a'))).toEqual(Array.from({ length: 10 }, (_, number) => toTrial(number)));
    });

    it('is not seen by others before it is whole', async () => {
      await using fixture = await createStore();
      await createSampleStudy(fixture.store, 'a');
      const token = await claim(fixture.store, 'a');
      const other = await fixture.openAnother();
      for (let first = 0; first < 200; first += 20) {
        const recorded = record(
          fixture.store,
          token,
          Array.from({ length: 20 }, (_, index) => toTrial(first + index)),
        );
        const { items, total } = await other.listTrials('a', { limit: 1000 });
        expect([items.length % 20, items.length]).toEqual([0, total]);
        expect((await collect(fixture.store.streamTrials('a'))).length % 20).toBe(0);
        await recorded;
      }
      await other.close();
    });
  });
}

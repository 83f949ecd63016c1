/** Contract of the study store: studies, their states, artefacts and deletion. */
import { describe, expect, it } from 'vitest';
import { codeOf, type CreateStore } from './fixture.ts';
import { claim, collect, createSampleStudy, NOW_MS, recordTrials, STALE_AFTER_MS, toDefinition, toTrial } from './sample-trials.ts';

export function describeStudies(createStore: CreateStore): void {
  describe('a study', () => {
    it('comes back as it was created, waiting and without trials', async () => {
      await using fixture = await createStore();
      const definition = toDefinition({
        budget: null,
        spec: { low: -0, big: 2 ** 60, tiny: 5e-324, 'ключ "a"': [null, true, '', 'naïve 🚀'] },
      });
      const created = await fixture.store.createStudy({
        id: 's-1',
        name: `O'Neill "x" 🚀 ; DROP TABLE study`,
        definition,
        createdAtMs: NOW_MS,
      });
      expect(created).toEqual({
        id: 's-1',
        name: `O'Neill "x" 🚀 ; DROP TABLE study`,
        state: 'waiting',
        reason: null,
        definition,
        createdAtMs: NOW_MS,
        updatedAtMs: NOW_MS,
        trialsRecorded: 0,
        trialsFailed: 0,
        trialsPruned: 0,
      });
      await using other = closing(await fixture.openAnother());
      expect(await other.store.findStudy('s-1')).toEqual(created);
      expect(await fixture.store.findStudy('s-2')).toBeUndefined();
    });

    it('needs an id that is new', async () => {
      await using fixture = await createStore();
      await createSampleStudy(fixture.store, 'a', { name: 'first' });
      expect(await codeOf(createSampleStudy(fixture.store, 'a', { name: 'second' }))).toBe('INVALID_STUDY');
      expect(await codeOf(createSampleStudy(fixture.store, 'a', { name: 'first' }))).toBe('INVALID_STUDY');
      expect(await fixture.store.findStudy('a')).toMatchObject({ name: 'first' });
    });

    it.each([['nul\0'], ['half \ud83d a pair']])('is refused with a name that PostgreSQL could not keep: %j', async (name) => {
      await using fixture = await createStore();
      expect(await codeOf(createSampleStudy(fixture.store, 'a', { name }))).toBe('INVALID_STUDY');
    });

    it('is found among many by state, strategy and part of its name or id, newest first', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'id-1', { name: 'Alpha 100%', createdAtMs: NOW_MS });
      await createSampleStudy(store, 'id-2', { name: 'beta_x', createdAtMs: NOW_MS + 2 });
      await createSampleStudy(store, 'id-3', { name: 'ÄLPHA 1000', createdAtMs: NOW_MS + 1, definition: { strategy: 'ema-cross' } });
      await store.setStudyState({ id: 'id-2', from: ['waiting'], to: 'paused', reason: null, atMs: NOW_MS });
      const ids = async (filter: Parameters<typeof store.listStudies>[0]): Promise<unknown> => {
        const { items, total } = await store.listStudies(filter);
        return [items.map((study) => study.id), total];
      };
      expect(await ids({})).toEqual([['id-2', 'id-3', 'id-1'], 3]);
      expect(await ids({ limit: 1, offset: 1 })).toEqual([['id-3'], 3]);
      expect(await ids({ offset: 5 })).toEqual([[], 3]);
      expect(await ids({ states: ['waiting', 'failed'] })).toEqual([['id-3', 'id-1'], 2]);
      expect(await ids({ states: [] })).toEqual([[], 0]);
      expect(await ids({ strategy: 'ema-cross' })).toEqual([['id-3'], 1]);
      expect(await ids({ search: 'älpha' })).toEqual([['id-3'], 1]);
      expect(await ids({ search: '100%' })).toEqual([['id-1'], 1]);
      expect(await ids({ search: 'a_x' })).toEqual([['id-2'], 1]);
      expect(await ids({ search: 'D-2' })).toEqual([['id-2'], 1]);
      expect(await ids({ search: 'x\0' })).toEqual([[], 0]);
      expect(await codeOf(store.listStudies({ limit: 1001 }))).toBe('INVALID_REQUEST');
      expect(await codeOf(store.listStudies({ offset: -1 }))).toBe('INVALID_REQUEST');
    });

    it('moves on only from a state that was expected', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a');
      expect(await store.setStudyState({ id: 'a', from: ['waiting', 'paused'], to: 'running', reason: null, atMs: NOW_MS + 5 })).toBe(true);
      expect(await store.setStudyState({ id: 'a', from: ['waiting', 'paused'], to: 'cancelled', reason: 'late', atMs: NOW_MS + 6 })).toBe(
        false,
      );
      expect(await store.setStudyState({ id: 'a', from: [], to: 'cancelled', reason: 'late', atMs: NOW_MS + 6 })).toBe(false);
      expect(await store.findStudy('a')).toMatchObject({ state: 'running', reason: null, updatedAtMs: NOW_MS + 5 });
      expect(await store.setStudyState({ id: 'a', from: ['running'], to: 'failed', reason: 'disk\0 on fire 🔥', atMs: NOW_MS + 7 })).toBe(
        true,
      );
      expect(await store.findStudy('a')).toMatchObject({ state: 'failed', reason: 'disk\u{fffd} on fire 🔥' });
      expect(await store.setStudyState({ id: 'nobody', from: ['waiting'], to: 'running', reason: null, atMs: 1 })).toBe(false);
    });

    it('keeps records of the files made of it, the newest record of each file', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a');
      const report = { kind: 'report', path: 'runs/x/index.html', sha256: 'aa', createdAtMs: NOW_MS };
      await store.recordArtefact('a', { ...report, path: 'runs/x/trials.csv', kind: 'export' });
      await store.recordArtefact('a', report);
      await store.recordArtefact('a', { ...report, sha256: 'bb', createdAtMs: NOW_MS + 1 });
      expect(await store.listArtefacts('a')).toEqual([
        { ...report, path: 'runs/x/trials.csv', kind: 'export' },
        { ...report, sha256: 'bb', createdAtMs: NOW_MS + 1 },
      ]);
      expect(await codeOf(store.recordArtefact('b', report))).toBe('STUDY_NOT_FOUND');
      expect(await codeOf(store.listArtefacts('b'))).toBe('STUDY_NOT_FOUND');
    });

    it('is deleted with all that belongs to it, and its id is free again', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      for (const id of ['a', 'b']) {
        await createSampleStudy(store, id);
        const token = await recordTrials(store, id, [toTrial(0), toTrial(1)]);
        await store.recordArtefact(id, { kind: 'report', path: 'x', sha256: 'aa', createdAtMs: 1 });
        await store.releaseClaim({ id, token });
      }
      expect(await store.deleteStudy('a', NOW_MS, STALE_AFTER_MS)).toBe(true);
      expect(await store.deleteStudy('a', NOW_MS, STALE_AFTER_MS)).toBe(false);
      await createSampleStudy(store, 'a');
      expect(await store.findTrial('a', 0)).toBeUndefined();
      expect(await store.listArtefacts('a')).toEqual([]);
      expect(await store.findLeaderboard({ objective: 'mar', period: 'all' })).toMatchObject([
        { study: { id: 'b' } },
        { study: { id: 'b' } },
      ]);
      expect(await collect(store.streamTrials('b'))).toHaveLength(2);
    });

    it('cannot be deleted while it runs, but can when its runner is dead', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a');
      const token = await claim(store, 'a', 'host-1:4711');
      expect(await codeOf(store.deleteStudy('a', NOW_MS + STALE_AFTER_MS - 1, STALE_AFTER_MS))).toBe('STUDY_RUNNING');
      expect(await store.deleteStudy('a', NOW_MS + STALE_AFTER_MS, STALE_AFTER_MS)).toBe(true);
      expect(await codeOf(store.recordBlock({ studyId: 'a', token, first: 0, trials: [toTrial(0)], atMs: NOW_MS }))).toBe(
        'STUDY_NOT_FOUND',
      );
      expect(await store.renewClaim({ id: 'a', token, nowMs: NOW_MS })).toBe(false);
    });
  });
}

function closing<T extends { close(): Promise<void> }>(store: T): { store: T; [Symbol.asyncDispose](): Promise<void> } {
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

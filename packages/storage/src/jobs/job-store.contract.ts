/** The contract of the ports to jobs and keys: what both databases must do. job-store.test.ts runs it. */
import type { JobStore, NewJob } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { openStores, type Stores } from '../open-stores.ts';
import type { StudyStoreLocation } from '../studies/open-study-store.ts';
import { codeOf } from '../studies/testing/fixture.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const STALE_AFTER_MS = 30_000;
const MANY = { maxQueued: 100 };

export type WithLocation = (test: (location: StudyStoreLocation) => Promise<void>) => Promise<void>;

function toNewJob(id: string, changes: Partial<NewJob> = {}): NewJob {
  return {
    id,
    kind: 'backtest',
    name: `backtest ${id}`,
    priority: 0,
    submittedBy: 'ann',
    request: { symbol: 'EURUSD' },
    studyId: null,
    createdAtMs: NOW_MS,
    ...changes,
  };
}

function claim(jobs: JobStore, owner = 'server-1', nowMs = NOW_MS): ReturnType<JobStore['claimJob']> {
  return jobs.claimJob({ owner, nowMs, staleAfterMs: STALE_AFTER_MS, maxAttempts: 3 });
}

async function claimAll(jobs: JobStore): Promise<readonly string[]> {
  const claimed = await claim(jobs);
  return claimed === undefined ? [] : [claimed.job.id, ...(await claimAll(jobs))];
}

export function describeJobStore(withLocation: WithLocation): void {
  const withStores = (test: (stores: Stores, location: StudyStoreLocation) => Promise<void>): Promise<void> =>
    withLocation(async (location) => {
      const stores = await openStores(location);
      try {
        await test(stores, location);
      } finally {
        await stores.close();
      }
    });
  describeSubmitting(withStores);
  describeListing(withStores);
  describeClaiming(withStores);
  describeGivingUp(withStores);
  describeEnding(withStores);
  describeKeys(withStores);
}

type WithStores = (test: (stores: Stores, location: StudyStoreLocation) => Promise<void>) => Promise<void>;

function describeSubmitting(withStores: WithStores): void {
  describe('a job', () => {
    it('comes back as it was submitted, from another process too', () =>
      withStores(async ({ jobs }, location) => {
        const submitted = await jobs.submitJob(toNewJob('a', { request: { low: -0, ключ: ['x', null] } }), MANY);
        expect(submitted).toMatchObject({ state: 'queued', attempts: 0, progress: null, startedAtMs: null });
        const other = await openStores(location);
        expect(await other.jobs.findJob('a')).toEqual(submitted);
        expect(await other.jobs.findJob('b')).toBeUndefined();
        await other.close();
      }));

    it('needs an id that is new', () =>
      withStores(async ({ jobs }) => {
        await jobs.submitJob(toNewJob('a'), MANY);
        expect(await codeOf(jobs.submitJob(toNewJob('a', { name: 'other' }), MANY))).toBe('INVALID_REQUEST');
      }));

    it('is refused when its submitter has enough of them waiting, however many submit at once', () =>
      withStores(async ({ jobs }, location) => {
        const other = await openStores(location);
        const attempts = Array.from({ length: 12 }, (_, index) =>
          (index % 2 === 0 ? jobs : other.jobs).submitJob(toNewJob(`a-${String(index)}`), { maxQueued: 5 }).then(
            () => 'taken',
            (error: unknown) => (error as { code: string }).code,
          ),
        );
        const outcomes = await Promise.all(attempts);
        expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(5);
        expect(outcomes.filter((outcome) => outcome === 'QUEUE_FULL')).toHaveLength(7);
        await jobs.submitJob(toNewJob('b', { submittedBy: 'bob' }), { maxQueued: 5 });
        expect((await jobs.countByState()).queued).toBe(6);
        await other.close();
      }));
  });
}

function describeListing(withStores: WithStores): void {
  describe('a job', () => {
    it('is found by kind, state, submitter and part of its name, sorted and in pages', () =>
      withStores(async ({ jobs }) => {
        await jobs.submitJob(toNewJob('a', { name: '100% Alpha', createdAtMs: NOW_MS }), MANY);
        await jobs.submitJob(toNewJob('b', { kind: 'study', submittedBy: 'bob', createdAtMs: NOW_MS + 1, priority: 5 }), MANY);
        await jobs.submitJob(toNewJob('c', { createdAtMs: NOW_MS + 2 }), MANY);
        await jobs.cancelJob('c', NOW_MS + 9);
        const ids = async (filter: Parameters<JobStore['listJobs']>[0]): Promise<unknown> => {
          const { items, total } = await jobs.listJobs(filter);
          return [items.map(({ id }) => id), total];
        };
        expect(await ids({})).toEqual([['c', 'b', 'a'], 3]);
        expect(await ids({ kinds: ['study'] })).toEqual([['b'], 1]);
        expect(await ids({ states: ['queued'] })).toEqual([['b', 'a'], 2]);
        expect(await ids({ states: [] })).toEqual([[], 0]);
        expect(await ids({ submittedBy: 'bob' })).toEqual([['b'], 1]);
        expect(await ids({ search: '0% ALPHA' })).toEqual([['a'], 1]);
        expect(await ids({ limit: 1, offset: 1 })).toEqual([['b'], 3]);
        expect(await ids({ sort: { by: 'finishedAtMs', direction: 'asc' } })).toEqual([['c', 'a', 'b'], 3]);
        expect(await ids({ sort: { by: 'priority', direction: 'desc' } })).toEqual([['b', 'a', 'c'], 3]);
      }));
  });
}

function describeClaiming(withStores: WithStores): void {
  describe('the queue', () => {
    it('gives out what is urgent first, then what is old', () =>
      withStores(async ({ jobs }) => {
        await jobs.submitJob(toNewJob('young', { createdAtMs: NOW_MS + 2 }), MANY);
        await jobs.submitJob(toNewJob('old'), MANY);
        await jobs.submitJob(toNewJob('urgent', { priority: 10, createdAtMs: NOW_MS + 3 }), MANY);
        expect(await claimAll(jobs)).toEqual(['urgent', 'old', 'young']);
      }));

    it('does not let the many jobs of one submitter hold up the one of another', () =>
      withStores(async ({ jobs }) => {
        for (const id of ['a1', 'a2', 'a3']) await jobs.submitJob(toNewJob(id), MANY);
        await jobs.submitJob(toNewJob('b1', { submittedBy: 'bob', createdAtMs: NOW_MS + 100 }), MANY);
        expect(await claimAll(jobs)).toEqual(['a1', 'b1', 'a2', 'a3']);
      }));

    it('gives a job to one of many runners only', () =>
      withStores(async ({ jobs }, location) => {
        const other = await openStores(location);
        for (let index = 0; index < 10; index += 1) await jobs.submitJob(toNewJob(`a-${String(index)}`), MANY);
        const claims = await Promise.all(
          Array.from({ length: 16 }, (_, index) => claim(index % 2 === 0 ? jobs : other.jobs, `server-${String(index)}`)),
        );
        const ids = claims.flatMap((one) => (one === undefined ? [] : [one.job.id]));
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids).toHaveLength(10);
        await other.close();
      }));

    it('gives a job again when its runner is silent, and then the first runner can no longer write', () =>
      withStores(async ({ jobs }) => {
        await jobs.submitJob(toNewJob('a'), MANY);
        const first = await claim(jobs);
        const renewal = { id: 'a', token: first?.token ?? -1, progress: { share: 0.5 } };
        expect(await jobs.renewJob({ ...renewal, nowMs: NOW_MS + 20_000 })).toBe('held');
        expect(await claim(jobs, 'server-2', NOW_MS + 40_000)).toBeUndefined();
        const second = await claim(jobs, 'server-2', NOW_MS + 60_000);
        expect(second).toMatchObject({ job: { attempts: 2, progress: { share: 0.5 }, startedAtMs: NOW_MS } });
        expect(await jobs.renewJob({ ...renewal, nowMs: NOW_MS + 60_001 })).toBe('lost');
        const end = { id: 'a', state: 'complete', result: {}, error: null, atMs: NOW_MS } as const;
        expect(await jobs.finishJob({ ...end, token: first?.token ?? -1 })).toBe(false);
        expect(await jobs.finishJob({ ...end, token: second?.token ?? -1 })).toBe(true);
      }));
  });
}

function describeGivingUp(withStores: WithStores): void {
  describe('the queue', () => {
    it('gives up a job that has killed its runner three times', () =>
      withStores(async ({ jobs }) => {
        await jobs.submitJob(toNewJob('a'), MANY);
        for (let attempt = 0; attempt < 3; attempt += 1) expect(await claim(jobs, 'server', NOW_MS + attempt * 60_000)).toBeDefined();
        expect(await claim(jobs, 'server', NOW_MS + 200_000)).toBeUndefined();
        expect(await jobs.findJob('a')).toMatchObject({ state: 'failed', error: { code: 'JOB_LOST' }, attempts: 3 });
      }));

    it('takes a job back that a server which stops could not finish, without counting the attempt', () =>
      withStores(async ({ jobs }) => {
        await jobs.submitJob(toNewJob('a'), MANY);
        const first = await claim(jobs);
        expect(await jobs.releaseJob({ id: 'a', token: first?.token ?? -1 })).toBe(true);
        expect(await jobs.releaseJob({ id: 'a', token: first?.token ?? -1 })).toBe(false);
        expect(await claim(jobs)).toMatchObject({ job: { id: 'a', attempts: 1 } });
      }));
  });
}

function describeEnding(withStores: WithStores): void {
  describe('a job ends', () => {
    it('complete with its result, failed with its error, each once', () =>
      withStores(async ({ jobs }) => {
        await jobs.submitJob(toNewJob('a'), MANY);
        const claimed = await claim(jobs);
        const end = { id: 'a', token: claimed?.token ?? -1, atMs: NOW_MS + 5 };
        expect(
          await jobs.finishJob({ ...end, state: 'failed', result: null, error: { code: 'ENGINE_CRASHED', message: 'it \0 ended \ud83d' } }),
        ).toBe(true);
        expect(await jobs.finishJob({ ...end, state: 'complete', result: {}, error: null })).toBe(false);
        expect(await jobs.findJob('a')).toMatchObject({ state: 'failed', error: { code: 'ENGINE_CRASHED' }, finishedAtMs: NOW_MS + 5 });
      }));

    it('cancelled at once while it waits', () =>
      withStores(async ({ jobs }) => {
        await jobs.submitJob(toNewJob('a'), MANY);
        expect(await jobs.cancelJob('a', NOW_MS + 1)).toBe('cancelled');
        expect(await claim(jobs)).toBeUndefined();
        expect(await jobs.findJob('a')).toMatchObject({ state: 'cancelled', finishedAtMs: NOW_MS + 1 });
        expect(await jobs.cancelJob('nothing', NOW_MS)).toBeUndefined();
      }));

    it('cancelled when its runner has heard of it, or when that runner is gone', () =>
      withStores(async ({ jobs }) => {
        for (const id of ['a', 'b']) await jobs.submitJob(toNewJob(id), MANY);
        const [a, b] = [await claim(jobs), await claim(jobs)];
        expect([await jobs.cancelJob('a', NOW_MS), await jobs.cancelJob('b', NOW_MS)]).toEqual(['cancelling', 'cancelling']);
        expect(await jobs.renewJob({ id: 'a', token: a?.token ?? -1, nowMs: NOW_MS, progress: null })).toBe('cancel');
        await jobs.finishJob({ id: 'a', token: a?.token ?? -1, state: 'cancelled', result: null, error: null, atMs: NOW_MS });
        expect(b?.job.id).toBe('b');
        expect(await claim(jobs, 'server-2', NOW_MS + 60_000)).toBeUndefined();
        expect(await jobs.countByState()).toMatchObject({ cancelled: 2, running: 0, cancelling: 0 });
        expect(await jobs.cancelJob('a', NOW_MS)).toBe('cancelled');
      }));

    it('and only then it may be deleted', () =>
      withStores(async ({ jobs }) => {
        await jobs.submitJob(toNewJob('a'), MANY);
        expect(await jobs.deleteJob('a')).toBe(false);
        await jobs.cancelJob('a', NOW_MS);
        expect(await jobs.deleteJob('a')).toBe(true);
        expect(await jobs.deleteJob('a')).toBe(false);
      }));
  });
}

function describeKeys(withStores: WithStores): void {
  describe('an API key', () => {
    const key = { id: 'k-1', name: 'laptop', role: 'run', prefix: 'qb_abc', sha256: 'a'.repeat(64), createdAtMs: NOW_MS } as const;

    it('is found by its hash and by nothing else', () =>
      withStores(async ({ keys }) => {
        const created = await keys.createKey(key);
        expect(created).toMatchObject({ role: 'run', revokedAtMs: null, lastUsedAtMs: null });
        expect(await keys.findKeyByHash(key.sha256)).toEqual(created);
        expect(await keys.findKeyByHash('b'.repeat(64))).toBeUndefined();
        expect(await codeOf(keys.createKey(key))).toBe('INVALID_REQUEST');
        expect(await keys.listKeys()).toEqual([created]);
      }));

    it('is revoked once and stays to be seen', () =>
      withStores(async ({ keys }) => {
        await keys.createKey(key);
        expect(await keys.revokeKey('k-1', NOW_MS + 1)).toBe(true);
        expect(await keys.revokeKey('k-1', NOW_MS + 2)).toBe(false);
        expect(await keys.findKeyByHash(key.sha256)).toMatchObject({ revokedAtMs: NOW_MS + 1 });
      }));

    it('tells when it was last used, to the minute', () =>
      withStores(async ({ keys }) => {
        await keys.createKey(key);
        await keys.touchKey('k-1', NOW_MS + 1);
        await keys.touchKey('k-1', NOW_MS + 2);
        expect(await keys.findKeyByHash(key.sha256)).toMatchObject({ lastUsedAtMs: NOW_MS + 1 });
        await keys.touchKey('k-1', NOW_MS + 90_000);
        expect(await keys.findKeyByHash(key.sha256)).toMatchObject({ lastUsedAtMs: NOW_MS + 90_000 });
      }));
  });
}

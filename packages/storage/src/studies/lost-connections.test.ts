import { expect, it } from 'vitest';
import { openPostgresDatabase } from './database/postgres-database.ts';
import { createStudyStore, openStudyStore } from './open-study-store.ts';
import { startCuttingProxy, type CuttingProxy } from './testing/cutting-proxy.ts';
import { describePostgres } from './testing/databases.ts';
import { failureOf } from './testing/fixture.ts';
import { claim, collect, createSampleStudy, NOW_MS, STALE_AFTER_MS, toDefinition, toTrial } from './testing/sample-trials.ts';

const BLOCK = [0, 1, 2];

async function waitForCut(proxy: CuttingProxy): Promise<void> {
  while (proxy.cuts === 0) await new Promise((resolve) => setImmediate(resolve));
}

describePostgres('a connection to PostgreSQL that is lost', (server) => {
  async function openThroughProxy(retryLimitMs?: number) {
    const url = await server().createSchema();
    const proxy = await startCuttingProxy(url, server().socketPath);
    const store = createStudyStore(await openPostgresDatabase(proxy.url, retryLimitMs === undefined ? {} : { retryLimitMs }));
    const direct = await openStudyStore({ kind: 'postgres', url });
    return {
      proxy,
      store,
      /** Past the proxy. */
      direct,
      async [Symbol.asyncDispose]() {
        await direct.close();
        await store.close();
        await proxy.close();
      },
    };
  }

  it('just before or just after a block was committed leaves the block recorded once', async () => {
    await using opened = await openThroughProxy();
    const { store, proxy } = opened;
    await createSampleStudy(store, 'a');
    const token = await claim(store, 'a');
    const cuts = ['before_commit', 'after_commit', 'none', 'after_commit', 'before_commit'] as const;
    for (const [index, cut] of cuts.entries()) {
      proxy.cut = cut;
      const first = index * BLOCK.length;
      await store.recordBlock({ studyId: 'a', token, first, trials: BLOCK.map((offset) => toTrial(first + offset)), atMs: NOW_MS });
    }
    expect(proxy.cuts).toBe(4);
    expect(await store.findStudy('a')).toMatchObject({ trialsRecorded: 15 });
    expect(await collect(store.streamTrials('a'))).toEqual(Array.from({ length: 15 }, (_, number) => toTrial(number)));
  });

  it('does not make a runner believe that the block of another one is its own', async () => {
    await using opened = await openThroughProxy();
    const { store, proxy, direct } = opened;
    await createSampleStudy(store, 'a');
    const token = await claim(store, 'a');
    proxy.cut = 'before_commit';
    const recording = failureOf(
      store.recordBlock({ studyId: 'a', token, first: 0, trials: [toTrial(0, { metrics: { trades: 99 } })], atMs: NOW_MS }),
    );
    await waitForCut(proxy);
    proxy.cut = 'refuse';
    await direct.recordBlock({ studyId: 'a', token, first: 0, trials: [toTrial(0)], atMs: NOW_MS });
    proxy.cut = 'none';
    expect((await recording).code).toBe('BLOCK_OUT_OF_ORDER');
    expect(await store.findTrial('a', 0)).toEqual(toTrial(0));
  });

  it('is not noticed by whoever creates, moves, claims or deletes a study', async () => {
    await using opened = await openThroughProxy();
    const { store, proxy } = opened;
    for (const cut of ['before_commit', 'after_commit'] as const) {
      proxy.cut = cut;
      expect(await store.createStudy({ id: cut, name: cut, definition: toDefinition(), createdAtMs: NOW_MS })).toMatchObject({ id: cut });
      proxy.cut = cut;
      expect(await store.setStudyState({ id: cut, from: ['waiting'], to: 'running', reason: null, atMs: NOW_MS + 1 })).toBe(true);
      proxy.cut = cut;
      const token = await claim(store, cut);
      proxy.cut = cut;
      expect(await store.renewClaim({ id: cut, token, nowMs: NOW_MS })).toBe(true);
      proxy.cut = cut;
      await store.releaseClaim({ id: cut, token });
      proxy.cut = cut;
      expect(await store.listStudies({ search: cut })).toMatchObject({ total: 1 });
      proxy.cut = cut;
      expect(await store.deleteStudy(cut, NOW_MS, STALE_AFTER_MS)).toBe(true);
      expect(await store.findStudy(cut)).toBeUndefined();
    }
    expect(proxy.cuts).toBe(14);
  });

  it('by the server does not disturb a stream of trials', async () => {
    const url = await server().createSchema();
    const store = await openStudyStore({ kind: 'postgres', url });
    await createSampleStudy(store, 'a');
    const trials = Array.from({ length: 1_500 }, (_, number) => toTrial(number));
    await store.recordBlock({ studyId: 'a', token: await claim(store, 'a'), first: 0, trials, atMs: NOW_MS });
    const read = [];
    for await (const trial of store.streamTrials('a')) {
      read.push(trial);
      if (trial.number % 500 === 0)
        await server().run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'quantbot'");
    }
    expect(read).toEqual(trials);
    await store.close();
  });

  it('for good is an error that may be tried again, and nothing was written', async () => {
    await using opened = await openThroughProxy(400);
    const { store, proxy } = opened;
    await createSampleStudy(store, 'a');
    const token = await claim(store, 'a');
    proxy.cut = 'before_commit';
    const recording = store.recordBlock({ studyId: 'a', token, first: 0, trials: [toTrial(0)], atMs: NOW_MS });
    await waitForCut(proxy);
    proxy.cut = 'refuse';
    const failure = await failureOf(recording);
    expect(failure).toMatchObject({
      code: 'STORE_UNREACHABLE',
      exitCode: 75,
      message: expect.stringContaining('Check that PostgreSQL runs') as string,
    });
    proxy.cut = 'none';
    expect(await store.findStudy('a')).toMatchObject({ trialsRecorded: 0 });
    await store.recordBlock({ studyId: 'a', token, first: 0, trials: [toTrial(0)], atMs: NOW_MS });
  });

  it('is told at opening too, without the password', async () => {
    const url = 'postgres://user:s3cret@localhost/studies?host=%2Fnowhere';
    const failure = await failureOf(openPostgresDatabase(url, { retryLimitMs: 50 }));
    expect(failure).toMatchObject({ code: 'STORE_UNREACHABLE', exitCode: 75 });
    expect(failure.message).toContain('studies at /nowhere');
    expect(failure.message).not.toContain('s3cret');
  });
});

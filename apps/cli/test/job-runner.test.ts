import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError, type Job } from '@quantbot/core';
import { startJobRunner, type JobHandler, type JobRunner, type JobRunnerRoom } from '@quantbot/server';
import { openStores, type Stores } from '@quantbot/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const NOTHING: JobHandler = () => Promise.resolve({ done: true });

/** Goes on until it is cancelled (rejects) or told to come to a halt (resolves without a result). */
const UNTIL_STOPPED: JobHandler = ({ abort, drain, report }) =>
  new Promise((resolve, reject) => {
    report({ share: 0.25 });
    abort.addEventListener('abort', () => {
      reject(new Error('cancelled'));
    });
    drain.addEventListener('abort', () => {
      resolve(undefined);
    });
  });

describe('the runner of jobs', () => {
  let folder: string;
  let stores: Stores;
  let runners: JobRunner[];
  let changes: Job[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quantbot-runner-'));
    stores = await openStores({ kind: 'sqlite', path: join(folder, 'studies.db') });
    runners = [];
    changes = [];
  });
  afterEach(async () => {
    await Promise.all(runners.map((runner) => runner.stop(0)));
    await stores.close();
    await rm(folder, { recursive: true });
  });

  const start = (handler: JobHandler, room: Partial<JobRunnerRoom> = {}): JobRunner => {
    const runner = startJobRunner({
      jobs: stores.jobs,
      handlers: { backtest: handler, study: handler, v1_baseline: handler, walk_forward: handler },
      owner: 'test:1',
      maxConcurrent: 2,
      maxRuntimeMs: 60_000,
      root: folder,
      nowMs: Date.now,
      onChange: (job) => void changes.push(job),
      onTrouble: (error) => {
        throw error;
      },
      ...room,
    });
    runners.push(runner);
    return runner;
  };
  const submit = (id: string): Promise<Job> =>
    stores.jobs.submitJob(
      { id, kind: 'backtest', name: id, priority: 0, submittedBy: 'ann', request: {}, studyId: null, createdAtMs: Date.now() },
      { maxQueued: 100 },
    );
  const reached = async (id: string, state: Job['state']): Promise<Job> => {
    for (;;) {
      const job = await stores.jobs.findJob(id);
      if (job?.state === state) return job;
      await wait(10);
    }
  };

  it('finishes what was submitted, with its result', async () => {
    const runner = start(NOTHING);
    await submit('a');
    runner.wake();
    expect(await reached('a', 'complete')).toMatchObject({ result: { done: true }, attempts: 1 });
    await expect.poll(() => changes.map(({ state }) => state)).toEqual(['running', 'complete']);
  });

  it('keeps the last progress of a job, however short it was', async () => {
    const runner = start(({ report }) => {
      report({ share: 0.5 });
      report({ share: 1 });
      return Promise.resolve({});
    });
    await submit('a');
    runner.wake();
    expect(await reached('a', 'complete')).toMatchObject({ progress: { share: 1 } });
  });

  it('writes down why a job failed and goes on with the next', async () => {
    const runner = start(({ job }) =>
      job.id === 'bad' ? Promise.reject(new AppError('NO_CANDLES', 'no candles of XYZ')) : Promise.resolve({}),
    );
    await submit('bad');
    await submit('good');
    runner.wake();
    expect(await reached('bad', 'failed')).toMatchObject({ error: { code: 'NO_CANDLES', message: 'no candles of XYZ' } });
    await reached('good', 'complete');
  });

  it('runs no more at once than it may', async () => {
    const runner = start(UNTIL_STOPPED);
    for (const id of ['a', 'b', 'c']) await submit(id);
    runner.wake();
    await reached('b', 'running');
    await expect.poll(() => runner.running).toBe(2);
    expect(await stores.jobs.findJob('c')).toMatchObject({ state: 'queued' });
    await stores.jobs.cancelJob('a', Date.now());
    runner.hurry('a');
    await reached('a', 'cancelled');
    await reached('c', 'running');
  });

  it('gives jobs back to the queue when it is stopped, and another one takes them', async () => {
    const runner = start(UNTIL_STOPPED);
    await submit('a');
    runner.wake();
    await reached('a', 'running');
    await runner.stop(10_000);
    expect(await stores.jobs.findJob('a')).toMatchObject({ state: 'queued', attempts: 0 });
    start(NOTHING);
    await reached('a', 'complete');
  });

  it('ends jobs that do not come to a halt in time', async () => {
    const runner = start(async ({ abort }) => {
      await once(abort, 'abort');
      throw new Error('ended');
    });
    await submit('a');
    runner.wake();
    await reached('a', 'running');
    await runner.stop(50);
    expect(await stores.jobs.findJob('a')).toMatchObject({ state: 'queued' });
  });

  it('does not wait for ever for work that heeds nothing; its job is left to the next server', async () => {
    const runner = start(() => new Promise(() => undefined));
    await submit('a');
    await reached('a', 'running');
    await runner.stop(0);
    expect(await stores.jobs.findJob('a')).toMatchObject({ state: 'running', attempts: 1 });
  }, 20_000);

  it('ends a job that runs longer than a job may, and says so', async () => {
    start(UNTIL_STOPPED, { maxRuntimeMs: 50 });
    await submit('a');
    const message = expect.stringContaining('max_runtime_s') as string;
    expect(await reached('a', 'failed')).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', message } });
  });

  it('does not take a job a second time that it runs itself, when the machine has slept or its clock was set', async () => {
    let sleptMs = 0;
    let begun = 0;
    const handler: JobHandler = (work) => {
      begun += 1;
      return UNTIL_STOPPED(work);
    };
    const runner = start(handler, { nowMs: () => Date.now() + sleptMs });
    await submit('a');
    await reached('a', 'running');
    sleptMs = 3_600_000;
    await submit('b');
    runner.wake();
    await reached('b', 'running');
    expect(await stores.jobs.findJob('a')).toMatchObject({ state: 'running', attempts: 1 });
    expect(begun).toBe(2);
  });

  it('tells callers neither the inside of a bug nor where the workspace lies', async () => {
    const troubles: unknown[] = [];
    const failures: Record<string, Error> = {
      bug: new TypeError('x is undefined'),
      fault: new AppError('INVALID_STRATEGY', `${folder}/strategies/s.yaml:3:1: unknown key`),
    };
    start(({ job }) => Promise.reject(failures[job.id] ?? new Error('unknown')), { onTrouble: (error) => void troubles.push(error) });
    await submit('bug');
    await submit('fault');
    const message = expect.not.stringContaining('undefined') as string;
    expect(await reached('bug', 'failed')).toMatchObject({ error: { code: 'INTERNAL', message } });
    expect(await reached('fault', 'failed')).toMatchObject({ error: { message: 'strategies/s.yaml:3:1: unknown key' } });
    expect(troubles).toContain(failures['bug']);
  });
});

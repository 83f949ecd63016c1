import type { TrialRecord } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { openTestRoom } from './study-room.ts';

/** One of twenty trials (x = 7) does what it should not; all others are fine. */
function misbehaving(deed: string): string {
  return `
import ctypes, os, sys, time
from quantbot_engine.strategies.strategy import strategy

@strategy("mine")
def mine(params, market, config):
    if params["x"] == 7:
        ${deed}
    return {"total_return": params["x"] / 100, "trades": 5}
`;
}

const TWENTY = `
strategy: {name: mine}
parameters: {x: {start: 0, end: 19, step: 1}}
sampler: grid
objectives: [total_return]
`;

const failed = (trials: readonly TrialRecord[]): readonly TrialRecord[] => trials.filter(({ state }) => state === 'failed');

describe('a trial that misbehaves', () => {
  it.each([
    ['raises', 'raise ValueError("no such indicator")', 'STRATEGY_FAILED', 'no such indicator'],
    ['ends its process', 'os._exit(3)', 'ENGINE_CRASHED', 'exit code 3'],
    ['crashes in native code', 'ctypes.string_at(0)', 'ENGINE_CRASHED', 'SIGSEGV'],
    ['kills its process', 'os.kill(os.getpid(), 9)', 'ENGINE_CRASHED', 'SIGKILL'],
    ['never ends', 'while True: pass', 'ENGINE_TIMEOUT', '1 s'],
    ['sleeps for ever', 'time.sleep(10_000)', 'ENGINE_TIMEOUT', '1 s'],
    ['eats memory', 'hoard = [bytearray(1 << 24) for _ in range(10_000)]', 'OUT_OF_MEMORY', 'memory'],
    ['returns a number that is none', 'return {"total_return": float("nan"), "trades": 5}', 'STRATEGY_FAILED', 'total_return'],
  ])('that %s is recorded as failed with its error, and the others are unharmed', async (_what, deed, code, words) => {
    await using room = await openTestRoom(1024);
    const study = await room.create('s', TWENTY, { 'mine.py': misbehaving(deed) });
    expect(await room.run(study, { trialTimeoutMs: 1_000 })).toBe('complete');
    const trials = await room.trials('s');
    expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, number) => number));
    expect(failed(trials).map(({ params }) => params)).toEqual([{ x: 7 }]);
    expect(failed(trials)[0]?.error).toMatchObject({ code, message: expect.stringContaining(words) as string });
    expect(trials.filter(({ state }) => state === 'complete')).toHaveLength(19);
  });

  it('that prints garbage harms nobody, itself included', async () => {
    await using room = await openTestRoom();
    const deed = `print("garbage", flush=True); os.write(1, b"{\\"kind\\": \\"result\\"}\\n")`;
    const study = await room.create('s', TWENTY, { 'mine.py': misbehaving(deed) });
    expect(await room.run(study)).toBe('complete');
    expect(failed(await room.trials('s'))).toEqual([]);
  });

  it('ends the study when nearly all trials fail, and says why', async () => {
    await using room = await openTestRoom();
    const study = await room.create('s', TWENTY, { 'mine.py': misbehaving('pass').replace('params["x"] / 100', 'params["y"]') });
    await expect(room.run(study)).rejects.toMatchObject({
      code: 'TOO_MANY_FAILURES',
      message: expect.stringContaining("KeyError: 'y'") as string,
    });
    expect(await room.store.findStudy('s')).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('TOO_MANY_FAILURES') as string,
    });
    expect(await room.trials('s')).toHaveLength(20);
  });

  it('does not exist when the strategy itself cannot be loaded: nothing is recorded', async () => {
    await using room = await openTestRoom();
    const study = await room.create('s', TWENTY, { 'mine.py': 'def (:' });
    await expect(room.run(study)).rejects.toMatchObject({
      code: 'INVALID_STRATEGY',
      message: expect.stringContaining('SyntaxError') as string,
    });
    expect(await room.trials('s')).toEqual([]);
  });
});

const SAMPLERS = ['grid', 'random', 'quasi_random', 'bayesian', 'evolutionary', 'cma_es'] as const;
const search = (sampler: string, trials = 120): string =>
  `
strategy: {name: noop}
parameters:
  x: {low: 0.0, high: 1.0, type: float}
  n: {low: 1, high: 40}
sampler: ${sampler === 'grid' ? 'grid' : `{name: ${sampler}, startup_trials: 10, population_size: 10}`}
objectives: [final_balance]
trials: ${String(trials)}
seed: 11
`.replace(sampler === 'grid' ? 'x: {low: 0.0, high: 1.0, type: float}' : '\0', 'x: {start: 0, end: 1, step: 0.1}');

describe('a study', () => {
  it.each(SAMPLERS)('with %s is the same for 1, 2 and 4 workers, and stopped and resumed at every block', async (sampler) => {
    await using room = await openTestRoom();
    const run = async (id: string, maxWorkers: number): Promise<readonly TrialRecord[]> => {
      expect(await room.run(await room.create(id, search(sampler)), { maxWorkers })).toBe('complete');
      return room.trials(id);
    };
    const one = await run('one', 1);
    expect(one).toHaveLength(120);
    expect(await run('two', 2)).toEqual(one);
    expect(await run('four', 4)).toEqual(one);
    const study = await room.create('stopped', search(sampler));
    for (let end = 'paused'; end !== 'complete';) {
      const drain = new AbortController();
      end = await room.run(study, {
        drain: drain.signal,
        onBlock: async () => {
          drain.abort();
        },
      });
    }
    expect(await room.trials('stopped')).toEqual(one);
  });

  it('goes on where another process was killed, and only one process works on it at a time', async () => {
    await using room = await openTestRoom();
    const study = await room.create('s', search('random'));
    const token = await room.store.claimStudy({ id: 's', owner: 'elsewhere:1', nowMs: Date.now(), staleAfterMs: 0 });
    expect(token).toBeDefined();
    await expect(room.run(study)).rejects.toMatchObject({
      code: 'STUDY_RUNNING',
      message: expect.stringContaining('elsewhere:1') as string,
    });
    // The same machine, and a process that is no more.
    await room.store.claimStudy({ id: 's', owner: 'test:999999999', nowMs: Date.now(), staleAfterMs: 0 });
    expect(await room.run(study)).toBe('complete');
  });

  it('that is cancelled elsewhere ends as cancelled and keeps what it has', async () => {
    await using room = await openTestRoom();
    const study = await room.create('s', search('random', 2_000));
    const onBlock = async (): Promise<void> => {
      await room.store.setStudyState({ id: 's', from: ['running'], to: 'cancelled', reason: 'enough', atMs: Date.now() });
    };
    expect(await room.run(study, { onBlock })).toBe('cancelled');
    expect(await room.store.findStudy('s')).toMatchObject({ state: 'cancelled', trialsRecorded: 32 });
  });

  it('that is paused elsewhere stops after the block under way and goes on when it is resumed', async () => {
    await using room = await openTestRoom();
    const study = await room.create('s', search('random', 600));
    const onBlock = async (): Promise<void> => {
      await room.store.setStudyState({ id: 's', from: ['running'], to: 'paused', reason: 'lunch', atMs: Date.now() });
    };
    expect(await room.run(study, { onBlock })).toBe('paused');
    expect(await room.store.findStudy('s')).toMatchObject({ state: 'paused', trialsRecorded: 32 });
    expect(await room.run(study)).toBe('complete');
    expect(await room.trials('s')).toHaveLength(600);
  });

  it('that is aborted drops the block under way, is paused, and gives the same trials when it goes on', async () => {
    await using room = await openTestRoom();
    const undisturbed = await room.create('undisturbed', search('random', 600));
    await room.run(undisturbed);
    const study = await room.create('s', search('random', 600));
    const abort = new AbortController();
    const run = room.run(study, {
      abort: abort.signal,
      onBlock: async () => {
        abort.abort();
      },
    });
    expect(await run.catch((error: unknown) => (error as { code: string }).code)).toMatch(/paused|CANCELLED/);
    expect(await room.store.findStudy('s')).toMatchObject({ state: 'paused' });
    expect(await room.run(study)).toBe('complete');
    expect(await room.trials('s')).toEqual(await room.trials('undisturbed'));
  });

  it('ends when the space is exhausted, whatever the budget', async () => {
    await using room = await openTestRoom();
    const study = await room.create('s', TWENTY.replace('mine', 'noop') + 'trials: 1000\n');
    expect(await room.run(study)).toBe('complete');
    expect(await room.trials('s')).toHaveLength(20);
  });
});

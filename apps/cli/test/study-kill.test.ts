/**
 * Power cuts: the whole process tree of `quantbot optimize` is killed with SIGKILL at random moments, again and again, and the study
 * resumed each time. Afterwards the table of trials must be bit for bit that of an undisturbed run.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Study, StudyStore, TrialRecord } from '@quantbot/core';
import { openStudyStore } from '@quantbot/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');
const IS_LONG = process.env['QUANTBOT_LONG'] === '1';

/** What it returns depends on its parameters alone; how long it takes stands in a file beside it. */
const STRATEGY = `
import time
from pathlib import Path
from quantbot_engine.strategies.strategy import strategy

@strategy("slow")
def slow(params, market, config):
    time.sleep(float((Path(__file__).parent / "seconds-per-trial").read_text()))
    distance = (params["x"] - 0.3) ** 2 + (params["n"] - 11) ** 2 / 400
    return {"total_return": 1 - distance, "max_drawdown": 0.1, "trades": params["n"]}
`;

const setPace = (msPerTrial: number): Promise<void> => writeFile(join(dir, 'seconds-per-trial'), String(msPerTrial / 1000));

const studyFile = (sampler: string, trials: number): string => `
strategy: {name: slow, files: [slow.py]}
parameters:
  x: ${sampler === 'grid' ? '{start: 0, end: 1, step: 0.01}' : '{low: 0, high: 1, type: float}'}
  n: {low: 1, high: 40}
sampler: {name: ${sampler}, startup_trials: 20, population_size: 20}
objectives: [total_return]
trials: ${String(trials)}
seed: 3
`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quantbot-kill-test-'));
  await runCli(['init'], { cwd: dir });
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function withStore<T>(use: (store: StudyStore) => Promise<T>): Promise<T> {
  const store = await openStudyStore({ kind: 'sqlite', path: join(dir, 'studies.db') });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

function findStudy(name: string): Promise<Study | undefined> {
  return withStore(async (store) => (await store.listStudies({ search: name })).items[0]);
}

async function readTrials(name: string): Promise<readonly TrialRecord[]> {
  const study = await findStudy(name);
  return withStore(async (store) => {
    const trials: TrialRecord[] = [];
    if (study !== undefined) for await (const trial of store.streamTrials(study.id)) trials.push(trial);
    return trials;
  });
}

function findTree(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${String(pid)}/task`).flatMap((task) =>
      readFileSync(`/proc/${String(pid)}/task/${task}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number),
    );
    return [pid, ...children.flatMap(findTree)];
  } catch {
    return [pid];
  }
}

/** Runs the command and kills its whole tree `afterMs` after `hasCome`; true if it had ended by itself before. */
async function runAndKill(args: readonly string[], hasCome: (pid: number) => Promise<boolean>, afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: dir, stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const pid = child.pid ?? 0;
  while (child.exitCode === null && !(await hasCome(pid))) await sleep(30);
  const first = await Promise.race([ended, sleep(afterMs, 'still running' as const)]);
  if (first !== 'still running') {
    expect(first).toBe(0);
    return true;
  }
  for (const member of findTree(pid)) {
    try {
      process.kill(member, 'SIGKILL');
    } catch {
      // Ended in the meantime.
    }
  }
  await ended;
  return false;
}

const hasWorker = async (pid: number): Promise<boolean> => findTree(pid).length > 1;

async function countRecorded(): Promise<number> {
  return (await findStudy('disturbed-one'))?.trialsRecorded ?? 0;
}

/** A different moment each time, the same in every run of the test: every third kill comes soon after the worker, the others once something was recorded. */
async function cutPower(kill: number, args: readonly string[]): Promise<boolean> {
  const golden = (kill * 0.618_033_988_75) % 1;
  if (kill % 3 === 0) return runAndKill(args, hasWorker, 1_000 * golden);
  const before = await countRecorded();
  return runAndKill(args, async () => (await countRecorded()) > before, 600 * golden);
}

interface PowerCuts {
  readonly sampler: string;
  readonly trials: number;
  readonly workers: number;
  readonly kills: number;
  readonly msPerTrial: number;
}

/** Returns at how many different numbers of trials the power was cut. */
async function survive({ sampler, trials, workers, kills, msPerTrial }: PowerCuts): Promise<number> {
  await writeFile(join(dir, 'slow.py'), STRATEGY);
  await setPace(0);
  await writeFile(join(dir, 'study.yaml'), studyFile(sampler, trials));
  const start = ['optimize', '--config', 'study.yaml', '--max-workers', String(workers), '--no-report', '--quiet'];
  expect(await runCli([...start, '--name', 'undisturbed'], { cwd: dir })).toMatchObject({ exitCode: 0 });

  await setPace(msPerTrial);
  const goOn = async (): Promise<readonly string[]> => {
    const id = (await findStudy('disturbed-one'))?.id;
    const workersFlag = ['--max-workers', String(workers), '--no-report', '--quiet'];
    return id === undefined ? [...start, '--name', 'disturbed-one'] : ['optimize', '--resume-from', id, ...workersFlag];
  };
  const recorded = new Set<number>();
  let hasEnded = false;
  for (let kill = 0; kill < kills && !hasEnded; kill += 1) {
    hasEnded = await cutPower(kill, await goOn());
    const sofar = await readTrials('disturbed-one');
    expect(sofar.map(({ number }) => number)).toEqual(sofar.map((_, index) => index));
    recorded.add(sofar.length);
  }

  await setPace(0);
  if (!hasEnded) expect(await runCli(await goOn(), { cwd: dir })).toMatchObject({ exitCode: 0 });
  const [disturbed, undisturbed] = [await readTrials('disturbed-one'), await readTrials('undisturbed')];
  expect(await findStudy('disturbed-one')).toMatchObject({ state: 'complete' });
  expect(undisturbed).toHaveLength(trials);
  expect(disturbed).toEqual(undisturbed);
  return recorded.size;
}

describe.skipIf(process.platform !== 'linux')('a study whose power is cut (process trees are found through /proc, so on Linux)', () => {
  const kills = IS_LONG ? 300 : 12;

  it(`${String(kills)} times during 2,000 trials has every trial once, as if nothing had happened`, { timeout: 600_000 }, async () => {
    const places = await survive({ sampler: 'random', trials: 2_000, workers: 2, kills, msPerTrial: IS_LONG ? 200 : 20 });
    // A test whose kills all came before the first trial would show nothing.
    expect(places).toBeGreaterThan(Math.min(10, kills / 3));
  });

  it.each([
    ['grid', 1],
    ['quasi_random', 4],
    ['bayesian', 2],
    ['evolutionary', 1],
    ['cma_es', 4],
  ])('with %s and %d workers comes out the same', { timeout: 600_000 }, async (sampler, workers) => {
    await survive({ sampler, trials: 160, workers, kills: IS_LONG ? 30 : 3, msPerTrial: 20 });
  });
});

/** A workspace for tests of the study commands: a market of calls, a strategy whose pace can be set, and a look into the store. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StudySummary } from '@quantbot/backtest';
import type { Study, StudyStore, TrialRecord } from '@quantbot/core';
import { openStudyStore } from '@quantbot/storage';
import { expect } from 'vitest';
import { writeMarketFiles } from './market-files.ts';
import { runCli, startCli, type CliRun, type RunningCli } from './run-cli.ts';

/** 24 combinations of target and stop on the market of market-files.ts. */
export const GRID = `
strategy: {name: v1_baseline}
parameters:
  tp_mult: {start: 1.25, end: 3, step: 0.25}
  sl_mult: [0.8, 0.9, 0.95]
sampler: grid
objectives: [final_balance, mar]
periods: [all, 30d]
`;

/** Its result depends on its parameters alone, its pace on a file beside it; x = 13 fails. */
const PACED = `
import time
from pathlib import Path
from quantbot_engine.strategies.strategy import strategy

@strategy("paced")
def paced(params, market, config):
    time.sleep(float((Path(__file__).parent / "seconds-per-trial").read_text()))
    if params["x"] == 13:
        raise ValueError("thirteen is unlucky")
    gain = params["x"] / 1000 * params.get("weight", 1)
    return {"total_return": gain, "max_drawdown": 0.01 + params["x"] / 2000, "trades": params["x"] % 40, "final_balance": 10000 * (1 + gain)}
`;

/** 40 combinations of the strategy above, one of them without a result for each weight. */
export const WEIGHED = `
strategy: {name: paced, files: [paced.py]}
parameters:
  x: {start: 0, end: 19, step: 1}
  weight: [0.5, 1.5]
sampler: grid
objectives: [final_balance, mar]
periods: [all, 30d]
`;

export interface StudyWorkspace extends AsyncDisposable {
  readonly dir: string;
  run(...args: string[]): Promise<CliRun>;
  start(...args: string[]): RunningCli;
  write(name: string, text: string): Promise<void>;
  /** Writes paced.yaml: that many trials of x = 0, 1, 2 …, taking so long each. */
  writePaced(trials: number, msPerTrial: number): Promise<void>;
  /** Runs `optimize --json` with these arguments; it must succeed. */
  optimize(...args: string[]): Promise<StudySummary>;
  inStore<T>(look: (store: StudyStore) => Promise<T>): Promise<T>;
  studies(): Promise<readonly Study[]>;
  trials(id: string): Promise<readonly TrialRecord[]>;
  /** The only study, once so many of its trials are recorded. */
  waitForTrials(count: number): Promise<Study>;
}

export async function openStudyWorkspace({ withMarket = false } = {}): Promise<StudyWorkspace> {
  const dir = await mkdtemp(join(tmpdir(), 'quantbot-studies-test-'));
  const run = (...args: string[]): Promise<CliRun> => runCli(args, { cwd: dir });
  expect(await run('init')).toMatchObject({ exitCode: 0 });
  if (withMarket) {
    await writeMarketFiles(dir);
    expect(await run('data', 'import', 'candles', 'calls.csv', '--quiet')).toMatchObject({ exitCode: 0 });
  }
  const write = (name: string, text: string): Promise<void> => writeFile(join(dir, name), text);
  const inStore: StudyWorkspace['inStore'] = async (look) => {
    const store = await openStudyStore({ kind: 'sqlite', path: join(dir, 'studies.db') });
    try {
      return await look(store);
    } finally {
      await store.close();
    }
  };
  const studies = (): Promise<readonly Study[]> => inStore(async (store) => (await store.listStudies()).items);
  return {
    dir,
    run,
    start: (...args) => startCli(args, { cwd: dir }),
    write,
    async writePaced(trials, msPerTrial) {
      await write('paced.py', PACED);
      await write('seconds-per-trial', String(msPerTrial / 1000));
      const space = `parameters: {x: {start: 0, end: ${String(trials - 1)}, step: 1}}\nsampler: grid\nseed: 1\n`;
      await write('paced.yaml', `strategy: {name: paced, files: [paced.py]}\n${space}objectives: [total_return]\n`);
    },
    async optimize(...args) {
      const ended = await run('optimize', '--json', ...args);
      expect(ended).toMatchObject({ exitCode: 0 });
      return JSON.parse(ended.stdout) as StudySummary;
    },
    inStore,
    studies,
    trials: (id) =>
      inStore(async (store) => {
        const trials: TrialRecord[] = [];
        for await (const trial of store.streamTrials(id)) trials.push(trial);
        return trials;
      }),
    async waitForTrials(count) {
      for (;;) {
        const [study] = await studies();
        if (study !== undefined && study.trialsRecorded >= count) return study;
        await sleep(50);
      }
    },
    async [Symbol.asyncDispose]() {
      await rm(dir, { recursive: true, force: true });
    },
  };
}

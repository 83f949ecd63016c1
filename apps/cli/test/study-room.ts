/** A store, an engine and a study for tests of the runner, in one process. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStudy, PythonEngine, readStudyFile, runStudy, toOwner, type StudyEnd, type StudyRoom } from '@quantbot/backtest';
import type { MarketDataCatalogue, Study, StudyStore, TrialRecord } from '@quantbot/core';
import { openCatalogue, openStudyStore } from '@quantbot/storage';

export interface TestRoom extends AsyncDisposable {
  readonly dir: string;
  readonly store: StudyStore;
  readonly catalogue: MarketDataCatalogue;
  readonly engine: PythonEngine;
  /** Writes a study file (and strategy files beside it) and records the study. */
  create(id: string, yaml: string, strategies?: Readonly<Record<string, string>>): Promise<Study>;
  run(study: Study, options?: Partial<StudyRoom>): Promise<StudyEnd>;
  trials(id: string): Promise<readonly TrialRecord[]>;
}

export async function openTestRoom(memoryLimitMib?: number): Promise<TestRoom> {
  const dir = await mkdtemp(join(tmpdir(), 'quantbot-study-test-'));
  const store = await openStudyStore({ kind: 'sqlite', path: join(dir, 'studies.db') });
  const catalogue = await openCatalogue(join(dir, 'data'));
  const engine = new PythonEngine({ maxProcesses: 2, ...(memoryLimitMib !== undefined && { memoryLimitMib }) });
  const slicesDir = join(dir, 'data', 'slices');
  const nowMs = (): number => Date.now();
  const never = new AbortController().signal;
  return {
    dir,
    store,
    catalogue,
    engine,
    async create(id, yaml, strategies = {}) {
      await writeFile(join(dir, `${id}.yaml`), yaml);
      for (const [name, code] of Object.entries(strategies)) await writeFile(join(dir, name), code);
      const plan = await readStudyFile(join(dir, `${id}.yaml`));
      return createStudy(
        { store, catalogue, slicesDir, nowMs },
        {
          id,
          plan,
          seed: plan.seed ?? 1,
          trials: plan.trials ?? null,
          fromMs: undefined,
          toMs: undefined,
          strategyFiles: Object.keys(strategies).map((name) => join(dir, name)),
          provenance: {},
        },
      );
    },
    run: (study, options) =>
      runStudy(
        {
          store,
          engine,
          slicesDir,
          nowMs,
          maxWorkers: 2,
          trialTimeoutMs: 5_000,
          owner: toOwner('test', process.pid),
          drain: never,
          abort: never,
          onProgress: () => undefined,
          onBlock: async () => undefined,
          ...options,
        },
        study,
      ),
    async trials(id) {
      const trials: TrialRecord[] = [];
      for await (const trial of store.streamTrials(id)) trials.push(trial);
      return trials;
    },
    async [Symbol.asyncDispose]() {
      engine.close();
      await catalogue.close();
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

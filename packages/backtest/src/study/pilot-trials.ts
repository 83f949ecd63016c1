/** Before a study: does the engine accept its space, how large is it, and how long does a trial take? Nothing is recorded. */
import type { Study, TrialParams } from '@quantbot/core';
import type { EngineVersion } from '../engine/engine-worker.ts';
import type { PythonEngine, RunOptions } from '../engine/python-engine.ts';
import { toSlicePath } from '../slice/write-slice.ts';
import type { StudySpec } from './study-spec.ts';

export interface SpaceProbe {
  /** Number of combinations; null: infinite. */
  readonly spaceSize: number | null;
  readonly version: EngineVersion;
  readonly first: readonly TrialParams[];
}

export interface PilotRequest {
  readonly objectives: readonly string[];
  readonly seed: number;
  readonly spec: Pick<StudySpec, 'space' | 'sampler'>;
  /** Trials to be suggested. */
  readonly count: number;
}

/** Throws INVALID_STUDY for a space that no trial can come from. */
export async function probeSpace(engine: PythonEngine, request: PilotRequest, options: RunOptions = {}): Promise<SpaceProbe> {
  const { objectives, seed, spec, count } = request;
  const run = await engine.run(
    {
      operation: 'suggest',
      space: spec.space,
      sampler: spec.sampler,
      seed,
      objectives: objectives.length,
      first: 0,
      count,
      history: [],
    },
    options,
  );
  return { spaceSize: run.result.space_size, version: run.version, first: run.result.trials };
}

export interface Pilot {
  readonly trials: number;
  /** Of one trial on a worker that is warm. */
  readonly msPerTrial: number;
  /** Until the worker had its data and its code. */
  readonly startMs: number;
  readonly failed: readonly string[];
}

/** Evaluates the trials twice and times the second time, when everything is loaded and compiled. */
export async function runPilot(
  { engine, slicesDir, signal, nowMs }: { engine: PythonEngine; slicesDir: string; signal: AbortSignal; nowMs: () => number },
  definition: Pick<Study['definition'], 'objectives'> & { readonly spec: StudySpec },
  trials: readonly TrialParams[],
): Promise<Pilot> {
  const { spec, objectives } = definition;
  const evaluate = async () =>
    engine.run(
      {
        operation: 'evaluate',
        strategy: spec.strategy,
        slice: spec.slice_id === null ? null : { path: toSlicePath(slicesDir, spec.slice_id), id: spec.slice_id },
        range: spec.range,
        trials: [...trials],
        objectives: [...objectives],
        periods: spec.periods,
        equity_floor: spec.equity_floor,
      },
      { signal },
    );
  const beganMs = nowMs();
  await evaluate();
  const startMs = nowMs() - beganMs;
  const { result, computeMs } = await evaluate();
  const failed = result.trials.flatMap(({ error }) => (error === null ? [] : [error.message]));
  return { trials: trials.length, msPerTrial: computeMs / trials.length, startMs, failed };
}

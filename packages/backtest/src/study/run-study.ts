/**
 * Runs a study to its end, from wherever it stands. The store is the only state: what is recorded is done, everything else is
 * suggested and evaluated again, with the same outcome, since trial k depends on (space, sampler, seed, k) and complete blocks alone.
 */
import { AppError, type EvaluatedTrial, type Study, type StudyStore, type TrialParams, type TrialRecord } from '@quantbot/core';
import type { PythonEngine } from '../engine/python-engine.ts';
import { holdClaim, type Claim } from './claim.ts';
import { evaluateBlock, toBlockSize, type Pace } from './evaluate-block.ts';
import { createHistory, hasModel, type History } from './history.ts';
import { listRejections } from './judge-trial.ts';
import type { StudyProgress } from './study-progress.ts';
import { readStudySpec, type StudySpec } from './study-spec.ts';

export interface StudyRoom {
  readonly store: StudyStore;
  readonly engine: PythonEngine;
  readonly slicesDir: string;
  readonly maxWorkers: number;
  readonly trialTimeoutMs: number;
  /** Names this process; see claim.ts. */
  readonly owner: string;
  readonly nowMs: () => number;
  /** Drains: no new block begins, the one under way is finished and recorded. */
  readonly drain: AbortSignal;
  /** Ends at once: what is not recorded is dropped. */
  readonly abort: AbortSignal;
  readonly onProgress: (progress: StudyProgress) => void;
  /** After each recorded block. */
  readonly onBlock: (recorded: number) => Promise<void>;
}

export type StudyEnd = 'complete' | 'paused' | 'cancelled';

/** More failures than this share, once the first block is done, means that the study itself is broken. */
const MAX_FAILED_SHARE = 0.9;

/** Resolves with how it ended; rejects with what made going on impossible, after writing that into the study. */
export async function runStudy(room: StudyRoom, study: Study): Promise<StudyEnd> {
  const spec = readStudySpec(study);
  await using claim = await holdClaim(room, study.id);
  await room.store.setStudyState({
    id: study.id,
    from: ['waiting', 'paused', 'running', 'failed'],
    to: 'running',
    reason: null,
    atMs: room.nowMs(),
  });
  try {
    const end = await runBlocks({ room, study, spec, claim });
    const reason = end === 'paused' ? 'stopped by the user' : null;
    await room.store.setStudyState({ id: study.id, from: ['running'], to: end, reason, atMs: room.nowMs() });
    return end;
  } catch (error) {
    await recordStop(room, study.id, error);
    throw error;
  }
}

interface Work {
  readonly room: StudyRoom;
  readonly study: Study;
  readonly spec: StudySpec;
  readonly claim: Claim;
}

async function runBlocks(work: Work): Promise<StudyEnd> {
  const { room, study, spec } = work;
  const { budget, blockSize } = study.definition;
  const history = await createHistory(room.store, study, spec);
  const pace: Pace = { msPerTrial: undefined };
  for (let first = history.recorded; budget === null || first < budget; first = history.recorded) {
    if (room.abort.aborted || room.drain.aborted) return 'paused';
    const stop = await findStop(room.store, study.id);
    if (stop !== undefined) return stop;
    const wanted = hasModel(spec.sampler) ? blockSize : toBlockSize(pace, room.maxWorkers);
    const count = Math.min(wanted, (budget ?? Infinity) - first);
    const suggested = await suggest(work, history, { first, count });
    if (suggested.trials.length > 0) {
      const evaluated = await evaluate(work, history, { pace, trials: suggested.trials });
      await record(work, history, evaluated);
      refuseHopeless(history);
    }
    if (suggested.isExhausted) return 'complete';
  }
  return 'complete';
}

interface Suggestion {
  readonly trials: readonly TrialParams[];
  readonly isExhausted: boolean;
}

async function suggest({ room, study, spec }: Work, history: History, block: { first: number; count: number }): Promise<Suggestion> {
  const run = await room.engine.run(
    {
      operation: 'suggest',
      space: spec.space,
      sampler: spec.sampler,
      seed: study.definition.seed,
      objectives: study.definition.objectives.length,
      ...block,
      history: [...history.forSampler()],
    },
    { signal: room.abort },
  );
  return { trials: run.result.trials, isExhausted: run.result.is_exhausted };
}

interface Batch {
  readonly pace: Pace;
  readonly trials: readonly TrialParams[];
}

async function evaluate({ room, study, spec }: Work, history: History, { pace, trials }: Batch): Promise<readonly TrialRecord[]> {
  let evaluated = 0;
  const results = await evaluateBlock(
    {
      engine: room.engine,
      spec,
      slicesDir: room.slicesDir,
      objectives: study.definition.objectives,
      maxWorkers: room.maxWorkers,
      trialTimeoutMs: room.trialTimeoutMs,
      pace,
      signal: room.abort,
      onEvaluated: (count) => {
        evaluated += count;
        room.onProgress({ ...history.toProgress(), evaluated });
      },
    },
    trials,
  );
  return results.map((result, index) => toRecord(result, trials[index], spec));
}

function toRecord(result: EvaluatedTrial, trial: TrialParams | undefined, spec: StudySpec): TrialRecord {
  const params = trial?.params ?? {};
  const figures = result.figures.map(({ null_reasons: nullReasons, ...rest }) => ({ ...rest, nullReasons }));
  const leading = figures.find(({ period }) => period === spec.leading_period);
  const rules = { resultConstraints: spec.result_constraints, successCriteria: spec.success_criteria };
  const rejections = leading === undefined ? [] : listRejections(leading, params, rules);
  return { number: result.number, state: result.state, params, figures, rejections, error: result.error };
}

async function record({ room, study, claim }: Work, history: History, trials: readonly TrialRecord[]): Promise<void> {
  claim.refuseIfLost();
  await room.store.recordBlock({ studyId: study.id, token: claim.token, first: history.recorded, trials, atMs: room.nowMs() });
  history.add(trials);
  room.onProgress({ ...history.toProgress(), evaluated: 0 });
  await room.onBlock(history.recorded);
}

/** Whether somebody else asked this study to stop, through the store. */
async function findStop(store: StudyStore, id: string): Promise<'paused' | 'cancelled' | undefined> {
  const state = (await store.findStudy(id))?.state;
  return state === 'paused' || state === 'cancelled' ? state : undefined;
}

function refuseHopeless(history: History): void {
  const { recorded, failed } = history.toProgress();
  if (failed <= MAX_FAILED_SHARE * recorded) return;
  const example = history.lastError();
  throw new AppError(
    'TOO_MANY_FAILURES',
    `${String(failed)} of ${String(recorded)} trials failed; the last one: ${example?.message ?? 'without a reason'}`,
    {
      details: { recorded, failed, error: example },
    },
  );
}

/** A full disk, an interrupt or a lost claim can be mended and the study resumed; anything else is a failure with its reason. */
async function recordStop(room: StudyRoom, id: string, error: unknown): Promise<void> {
  const code = error instanceof AppError ? error.code : 'INTERNAL';
  if (code === 'STALE_CLAIM') return;
  const to = code === 'CANCELLED' || code === 'DISK_FULL' ? 'paused' : 'failed';
  const reason = error instanceof Error ? `${code}: ${error.message}`.slice(0, 2_000) : code;
  // The disk that could not take the trials may not take this either: what matters is the first error.
  await room.store.setStudyState({ id, from: ['running'], to, reason, atMs: room.nowMs() }).catch(() => undefined);
}

/**
 * Evaluates the trials of a block on the pool: in chunks while all goes well, one by one where something went wrong, so that a
 * trial that kills its worker costs nobody but itself. The result is in the order of the trials, whatever the number of workers.
 */
import { AppError, type EvaluatedTrial, type TrialParams } from '@quantbot/core';
import type { PythonEngine } from '../engine/python-engine.ts';
import { toSlicePath } from '../slice/write-slice.ts';
import type { StudySpec } from './study-spec.ts';

export interface EvaluationRoom {
  readonly engine: PythonEngine;
  readonly spec: StudySpec;
  readonly slicesDir: string;
  readonly objectives: readonly string[];
  /** Workers to keep busy. */
  readonly maxWorkers: number;
  readonly trialTimeoutMs: number;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  readonly onEvaluated: (count: number) => void;
}

/** How many trials go to a worker at a time: learnt from how long they took, so that asking costs little beside computing. */
export interface Pace {
  msPerTrial: number | undefined;
}

/** A question to a worker costs about a millisecond: a chunk of this length keeps that below one percent. */
const CHUNK_MS = 250;
const FIRST_CHUNK = 4;
/** A kill loses the block under way: this much work of each worker. */
const BLOCK_MS = 500;
const FIRST_BLOCK = 32;
/** More in one transaction gains nothing. */
const LARGEST_BLOCK = 1_024;
/** A worker that has to load a large slice, or to compile on a slow machine, may take this long before the first trial. */
const START_ALLOWANCE_MS = 600_000;
/** Errors that say nothing about a trial: they end the block instead of being recorded. */
const NOT_THE_TRIALS_FAULT = new Set([
  'CANCELLED',
  'SLICE_NOT_FOUND',
  'SLICE_CORRUPT',
  'SETUP_INCOMPLETE',
  'INVALID_STUDY',
  'INVALID_STRATEGY',
  'STRATEGY_NOT_FOUND',
  'FILE_NOT_FOUND',
  'INVALID_REQUEST',
  'DISK_FULL',
]);

export async function evaluateBlock(room: EvaluationRoom, trials: readonly TrialParams[]): Promise<readonly EvaluatedTrial[]> {
  const results = new Map<number, EvaluatedTrial>();
  let next = 0;
  const takeChunk = (): readonly TrialParams[] => {
    const chunk = trials.slice(next, next + toChunkSize(room, trials.length - next));
    next += chunk.length;
    return chunk;
  };
  const work = async (): Promise<void> => {
    for (let chunk = takeChunk(); chunk.length > 0; chunk = takeChunk()) {
      for (const result of await evaluateChunk(room, chunk)) results.set(result.number, result);
      room.onEvaluated(chunk.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(room.maxWorkers, trials.length) }, work));
  return trials.map(({ number }) => results.get(number) ?? refuseHole(number));
}

/** For samplers without a model, whose trials do not depend on how they are grouped: as many as a short while takes. */
export function toBlockSize({ msPerTrial }: Pace, maxWorkers: number): number {
  if (msPerTrial === undefined) return FIRST_BLOCK;
  return Math.min(LARGEST_BLOCK, Math.max(maxWorkers, Math.round((BLOCK_MS * maxWorkers) / msPerTrial)));
}

function toChunkSize({ pace, maxWorkers }: EvaluationRoom, left: number): number {
  const fairShare = Math.ceil(left / maxWorkers);
  const wanted = pace.msPerTrial === undefined ? FIRST_CHUNK : Math.max(1, Math.round(CHUNK_MS / pace.msPerTrial));
  return Math.max(1, Math.min(fairShare, wanted));
}

async function evaluateChunk(room: EvaluationRoom, chunk: readonly TrialParams[]): Promise<readonly EvaluatedTrial[]> {
  try {
    return await askWorker(room, chunk);
  } catch (error) {
    if (!isOfTrial(error)) throw error;
    const [only] = chunk;
    if (chunk.length === 1 && only !== undefined) return [await retryAlone(room, only)];
    const results: EvaluatedTrial[] = [];
    for (const trial of chunk) results.push(...(await evaluateChunk(room, [trial])));
    return results;
  }
}

/** Once more, since a worker may die of something that was not the trial; then it is recorded as failed with its error. */
async function retryAlone(room: EvaluationRoom, trial: TrialParams): Promise<EvaluatedTrial> {
  try {
    const [result] = await askWorker(room, [trial]);
    return result ?? refuseHole(trial.number);
  } catch (error) {
    if (!isOfTrial(error)) throw error;
    return {
      number: trial.number,
      state: 'failed',
      figures: [],
      error: { code: error.code, message: error.message, traceback: toTraceback(error) },
    };
  }
}

async function askWorker(room: EvaluationRoom, chunk: readonly TrialParams[]): Promise<readonly EvaluatedTrial[]> {
  const { spec, pace } = room;
  const run = await room.engine.run(
    {
      operation: 'evaluate',
      strategy: spec.strategy,
      slice: spec.slice_id === null ? null : { path: toSlicePath(room.slicesDir, spec.slice_id), id: spec.slice_id },
      range: spec.range,
      trials: [...chunk],
      objectives: [...room.objectives],
      periods: spec.periods,
      equity_floor: spec.equity_floor,
    },
    { signal: room.signal, timeoutMs: START_ALLOWANCE_MS, computeTimeoutMs: room.trialTimeoutMs * chunk.length },
  );
  const ms = run.computeMs / chunk.length;
  pace.msPerTrial = pace.msPerTrial === undefined ? ms : 0.7 * pace.msPerTrial + 0.3 * ms;
  return run.result.trials;
}

function isOfTrial(error: unknown): error is AppError {
  return error instanceof AppError && !NOT_THE_TRIALS_FAULT.has(error.code);
}

function toTraceback({ details }: AppError): string | null {
  return typeof details['traceback'] === 'string' ? details['traceback'] : null;
}

function refuseHole(number: number): never {
  throw new AppError('PROTOCOL_MISMATCH', `the engine answered without trial ${String(number)}`);
}

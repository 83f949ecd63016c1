/** Results of complete jobs: runs/<id>/result.json or walk-forward.json, read once and kept as long as it is looked at. */
import { AppError, BacktestResultSchema, type BacktestResult, type Job, type JobKind, type JobStore } from '@quantbot/core';
import { z } from 'zod';
import { openContainedFile, type OpenFile } from '../files/contained-file.ts';

const MAX_RESULT_BYTES = 256 * 2 ** 20;
const KEPT = 4;

/** The document of a run: the figures themselves, or what they were made of with them under `result`. */
const DocumentSchema = z.union([z.looseObject({ result: BacktestResultSchema }).transform(({ result }) => result), BacktestResultSchema]);

export interface Results {
  readonly readBacktest: (job: Job) => Promise<BacktestResult>;
  readonly readDocument: (job: Job) => Promise<Record<string, unknown>>;
}

export function createResults(runsDir: string): Results {
  const kept = new Map<string, { readonly modifiedMs: number; readonly value: Promise<unknown> }>();
  const read = async <T>(job: Job, parse: (text: string) => T): Promise<T> => {
    const { handle, bytes, modifiedMs } = await openResult(runsDir, job);
    try {
      const found = kept.get(job.id);
      kept.delete(job.id);
      const entry = found?.modifiedMs === modifiedMs ? found : { modifiedMs, value: readText({ handle, bytes }).then(parse) };
      kept.set(job.id, entry);
      const [oldest] = kept.keys();
      if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
      return (await entry.value) as T;
    } finally {
      await handle.close();
    }
  };
  return {
    readBacktest: (job) => read(job, (text) => parseDocument(text, DocumentSchema, job.id)),
    readDocument: (job) => read(job, (text) => parseDocument(text, z.record(z.string(), z.unknown()), job.id)),
  };
}

async function readText({ handle, bytes }: Pick<OpenFile, 'handle' | 'bytes'>): Promise<string> {
  if (bytes <= MAX_RESULT_BYTES) return handle.readFile('utf8');
  throw new AppError('LIMIT_EXCEEDED', `the result has ${bytes} bytes, more than the ${MAX_RESULT_BYTES} that are read at once`);
}

async function openResult(runsDir: string, job: Job): Promise<OpenFile> {
  try {
    return await openContainedFile(runsDir, [job.id, job.kind === 'walk_forward' ? 'walk-forward.json' : 'result.json']);
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error;
    throw new AppError(
      'FILE_NOT_FOUND',
      `the run folder of ${job.id} is not on this server: it was removed, or another server of the same database made it`,
      { cause: error },
    );
  }
}

function parseDocument<Schema extends z.ZodType>(text: string, schema: Schema, id: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new AppError(
      'UNREADABLE_FILE',
      `expected the result of ${id} in its run folder, found another document; was it written by another version?`,
      { cause: error },
    );
  }
}

/** JOB_NOT_FOUND, also for a job of another kind: an id of a study is no backtest. */
export async function getJob(jobs: JobStore, id: string, kinds?: readonly JobKind[]): Promise<Job> {
  const job = await jobs.findJob(id);
  if (job !== undefined && (kinds === undefined || kinds.includes(job.kind))) return job;
  throw new AppError('JOB_NOT_FOUND', `nothing that was submitted has the id ${id}`);
}

/** A job with a result. What was cancelled says so, what failed says why, what runs says how far it is. */
export async function getCompleteJob(jobs: JobStore, id: string, kinds: readonly JobKind[]): Promise<Job> {
  const job = await getJob(jobs, id, kinds);
  switch (job.state) {
    case 'complete':
      return job;
    case 'cancelled':
      throw new AppError('CANCELLED', `${id} was cancelled and has no result`, { details: { status: job.state } });
    case 'failed':
      throw new AppError('JOB_NOT_COMPLETE', `${id} failed and has no result: ${job.error?.message ?? 'no reason was kept'}`, {
        details: { status: job.state, error: job.error },
      });
    case 'queued':
    case 'running':
    case 'cancelling':
      throw new AppError('JOB_NOT_COMPLETE', `${id} is ${job.state}; ask again when its status is complete`, {
        details: { status: job.state, progress: job.progress },
      });
  }
}

/** `quantbot optimize --server` and `studies watch --server`: a study file sent to a server, and a study of a server followed to its end. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readStudyFile, type StudyProgress } from '@quantbot/backtest';
import { AppError, EXIT_CODES, type Study } from '@quantbot/core';
import { z } from 'zod';
import { printStudy } from '../studies/print-study.ts';
import { getStudy } from '../studies/study-store.ts';
import { parseWholeNumber } from '../terminal/parse-flags.ts';
import type { ProgressLine } from '../terminal/progress.ts';
import { describeStudyProgress, toStudyShare } from '../terminal/study-progress.ts';
import { followJob, refuseFailed, type FollowRoom, type JobNews } from './follow-job.ts';
import { createRemoteStudies } from './remote-studies.ts';
import { refuseHere, type ServerFlags } from './server.ts';

interface RemoteStudyFlags extends ServerFlags {
  readonly name?: string;
  readonly trials?: string;
  readonly seed?: string;
  readonly maxWorkers?: string;
  readonly maxConcurrent?: string;
  readonly report?: boolean;
  readonly json?: boolean;
}

export interface StudyRun extends FollowRoom {
  readonly flags: RemoteStudyFlags;
}

const IN_THE_FILE = 'write it into the study file';
const OF_THE_SERVER = 'it is a setting of the server';
const REFUSED = {
  sampler: IN_THE_FILE,
  objectives: IN_THE_FILE,
  stage: IN_THE_FILE,
  stages: IN_THE_FILE,
  dryRun: 'try the study out in a workspace of your own',
  cpuFraction: 'use --max-workers',
  reportFrequency: OF_THE_SERVER,
  timeout: OF_THE_SERVER,
  memoryLimit: OF_THE_SERVER,
  noReport: 'it writes one for every study',
};

/** Mistakes in the file are told with their places before anything is sent. */
export async function runStudyThere(run: StudyRun, config: string): Promise<void> {
  const { context, flags, client } = run;
  refuseHere({ ...flags, noReport: flags.report === false }, REFUSED);
  const path = resolve(context.cwd, config);
  const plan = await readStudyFile(path);
  if ((plan.strategy.files ?? []).length > 0) {
    throw new AppError(
      'USAGE',
      `${path}: strategy.files: a server runs no programs of its callers; put them into the workspace of the server`,
    );
  }
  const workers = flags.maxWorkers ?? flags.maxConcurrent;
  const { study_id: id, combinations } = await client.runParallel({
    body: {
      config_yaml: await readFile(path, 'utf8'),
      name: flags.name ?? plan.name,
      ...(flags.trials !== undefined && { trials: parseWholeNumber('--trials', flags.trials, 1) }),
      ...(flags.seed !== undefined && { seed: parseWholeNumber('--seed', flags.seed, 0) }),
      ...(workers !== undefined && { max_concurrent: parseWholeNumber('--max-workers', workers, 1) }),
    },
  });
  if (flags.quiet !== true) context.stderr.write(`Study ${id} submitted to ${client.baseUrl}\n`);
  await followStudy(run, { id, objective: plan.objectives[0] ?? '', combinations });
}

/** `studies watch`: a study may also be one that nobody submitted as a job, such as that of a command line on the server. */
export async function watchStudyThere(run: StudyRun, idOrPrefix: string): Promise<void> {
  const { client } = run;
  const study = await getStudy(createRemoteStudies(client), idOrPrefix);
  if (isOver(study)) {
    await finish(run, study.id);
    return;
  }
  await followStudy(run, { id: study.id, objective: study.definition.objectives[0] ?? '', combinations: study.definition.budget });
}

interface RunningStudy {
  readonly id: string;
  readonly objective: string;
  /** Trials to expect; null: nobody knows. */
  readonly combinations: number | null;
}

async function followStudy(run: StudyRun, { id, objective, combinations }: RunningStudy): Promise<void> {
  const { context, client } = run;
  const startedMs = context.nowMs();
  let startedWith: number | undefined;
  const show = (news: JobNews, line: ProgressLine): void => {
    const progress = toProgress(news, combinations);
    if (progress === undefined) {
      line.report(null, news['status'] === 'queued' ? 'Waiting in the queue of the server' : 'Preparing on the server');
      return;
    }
    startedWith ??= progress.recorded;
    const pace = { startedWith, elapsedMs: context.nowMs() - startedMs, objective };
    line.report(toStudyShare(progress), describeStudyProgress(progress, pace));
  };
  const watchCommand = `quantbot studies watch ${id} --server ${client.baseUrl}`;
  if (!(await followJob(run, { id, topic: `study:${id}`, what: 'study', watchCommand, show }))) return;
  const job = await client.getJob({ params: { id } }).catch(ignoreMissing);
  if (job !== undefined) refuseFailed(job, 'study');
  await finish(run, id);
}

/** Studies of command lines are no jobs. */
function ignoreMissing(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'JOB_NOT_FOUND') return undefined;
  throw error;
}

const ProgressSchema = z.object({
  recorded: z.int(),
  done: z.int(),
  total: z.int().nullable(),
  failed: z.int(),
  best: z.object({ number: z.int(), value: z.number() }).nullable(),
});

function toProgress(news: JobNews, combinations: number | null): StudyProgress | undefined {
  const { data } = ProgressSchema.safeParse(news);
  if (data === undefined) return undefined;
  const { recorded, done, total, failed, best } = data;
  return { recorded, evaluated: done - recorded, budget: total ?? combinations, failed, best };
}

async function finish({ context, flags, client }: StudyRun, id: string): Promise<void> {
  const store = createRemoteStudies(client);
  const study = await getStudy(store, id);
  await printStudy({ context, flags, store }, study);
  const { run } = await client.getStudy({ params: { id } });
  if (run !== null && flags.quiet !== true) context.stderr.write(`\nReport: ${client.baseUrl}/api/reports/${run}/dashboard.html\n`);
  if (study.state === 'failed') context.setExitCode(EXIT_CODES.jobFailed);
  if (study.state === 'cancelled' || study.state === 'paused') context.setExitCode(EXIT_CODES.interrupted);
}

function isOver({ state }: Study): boolean {
  return state !== 'running' && state !== 'waiting';
}

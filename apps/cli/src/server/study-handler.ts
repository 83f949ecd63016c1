/** Jobs of the kind `study`: a search of any kind, recorded trial by trial, which goes on where it was after whatever ended the server. */
import { hostname } from 'node:os';
import { createStudy, probeSpace, runStudy, toOwner, type StudyProgress } from '@quantbot/backtest';
import { AppError, type Job, type Study } from '@quantbot/core';
import type { JobHandler, JobWork } from '@quantbot/server';
import { toProvenance } from '../studies/provenance.ts';
import { createRunReporter } from '../studies/run-report.ts';
import { createSeed } from '../studies/study-id.ts';
import type { HandlerRoom } from './handler-room.ts';
import { StudyRequestSchema, toSearchPlan, toStudyText } from './search-plan.ts';

/** For samplers that never come to an end by themselves. */
export const DEFAULT_TRIALS = 100;
const TRIAL_TIMEOUT_MS = 600_000;

export function createStudyHandler(room: HandlerRoom): JobHandler {
  return async (work) => {
    const { job, abort, drain, report } = work;
    const study = (await room.stores.studies.findStudy(job.studyId ?? job.id)) ?? (await submitStudy(room, work));
    const run = { ...toRunRoom(room, job), drain, abort, onBlock: () => Promise.resolve() };
    const onProgress = (progress: StudyProgress): void => {
      report(toStudyProgress(progress));
    };
    const end = await runStudy({ ...run, onProgress }, study).catch(async (error: unknown) => {
      if (abort.reason === 'cancel') await stopStudy(room, study.id, { to: 'cancelled', reason: 'cancelled by request' });
      if (abort.reason === 'late') await stopStudy(room, study.id, { to: 'paused', reason: 'its job ran as long as a job may' });
      throw error;
    });
    if (end === 'paused' && drain.aborted) return undefined;
    if (end !== 'complete')
      throw new AppError('CANCELLED', `study ${study.id} was ${end} by another process; quantbot studies resume ${study.id} goes on`);
    return finish(room, study.id, abort);
  };
}

/** What running studies takes, the same for all of them. */
export function toRunRoom({ context, workspace, stores, engine, maxWorkers }: HandlerRoom, { request }: Job) {
  const asked = request['max_concurrent'];
  return {
    store: stores.studies,
    engine,
    slicesDir: workspace.slicesDir,
    maxWorkers: typeof asked === 'number' ? Math.min(asked, maxWorkers) : maxWorkers,
    trialTimeoutMs: TRIAL_TIMEOUT_MS,
    owner: toOwner(hostname(), process.pid),
    nowMs: context.nowMs,
  };
}

async function submitStudy(room: HandlerRoom, { job, drain }: JobWork): Promise<Study> {
  const { context, workspace, stores, catalogue, engine } = room;
  const request = StudyRequestSchema.parse(job.request);
  const text = request.form === 'file' ? request.config_yaml : toStudyText(request);
  const { plan, candles, fromMs, toMs, strategyFiles } = await toSearchPlan(room, text, { name: job.name, drain });
  const seed = request.seed ?? plan.seed ?? createSeed();
  const { objectives, space, sampler } = plan;
  const probe = await probeSpace(engine, { objectives, seed, spec: { space, sampler }, count: 1 }, { signal: drain });
  const files = candles === undefined ? strategyFiles : [...candles.strategy.reference.files];
  const trials = request.trials ?? plan.trials ?? (sampler.name === 'grid' ? null : DEFAULT_TRIALS);
  return createStudy(
    { store: stores.studies, catalogue, slicesDir: workspace.slicesDir, nowMs: context.nowMs },
    {
      id: job.studyId ?? job.id,
      plan: { ...plan, name: job.name },
      seed,
      trials,
      fromMs,
      toMs,
      candles,
      strategyFiles,
      provenance: await toProvenance(context, { workspace, probe, strategyFiles: files, strategy: candles?.strategy }),
    },
  );
}

interface Stop {
  readonly to: 'cancelled' | 'paused';
  readonly reason: string;
}

async function stopStudy({ context, stores }: HandlerRoom, id: string, { to, reason }: Stop): Promise<void> {
  await stores.studies.setStudyState({ id, from: ['waiting', 'running', 'paused'], to, reason, atMs: context.nowMs() });
}

function toStudyProgress({ recorded, evaluated, budget, failed, best }: StudyProgress): Readonly<Record<string, unknown>> {
  const done = recorded + evaluated;
  return {
    done,
    recorded,
    total: budget,
    failed,
    best,
    progress_pct: budget === null || budget === 0 ? null : Math.min(100, (100 * done) / budget),
  };
}

async function finish(room: HandlerRoom, id: string, abort: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
  const study = await room.stores.studies.findStudy(id);
  if (study === undefined) throw new AppError('STUDY_NOT_FOUND', `study ${id} was deleted while it ran`);
  const { context, workspace, engine, stores, maxWorkers } = room;
  const reporter = await createRunReporter(
    { context, room: { workspace, store: stores.studies }, engineRoom: { engine, interrupt: { abort } }, maxWorkers },
    study,
  );
  await reporter.write({ isFinal: true });
  return { study_id: id, trials: study.trialsRecorded, failed: study.trialsFailed, pruned: study.trialsPruned };
}

/** Runs a study in this process, from wherever it stands: engine, progress, Ctrl-C, reports, and the last word to the user. */
import { hostname } from 'node:os';
import { runStudy, toOwner, type SpaceProbe, type StudyProgress } from '@quantbot/backtest';
import { AppError, EXIT_CODES, type Study } from '@quantbot/core';
import type { CliContext, CommonFlags } from '../context.ts';
import { formatCount } from '../terminal/format.ts';
import { describeStudyProgress, toStudyShare } from '../terminal/study-progress.ts';
import { printStudy } from './print-study.ts';
import { createRunReporter, type RunReporter } from './run-report.ts';
import type { RunSettings, StudyEngineRoom } from './study-engine.ts';
import type { StudyRoom } from './study-store.ts';

export interface StudyRun {
  readonly context: CliContext;
  readonly flags: CommonFlags & { readonly json?: boolean };
  readonly settings: RunSettings;
  readonly room: StudyRoom;
  readonly engineRoom: StudyEngineRoom;
  readonly probe: SpaceProbe;
}

/** Prints the study when it has ended or was stopped; sets the exit code of an interrupt. Rejects with what went wrong. */
export async function runStudyHere(run: StudyRun, study: Study): Promise<void> {
  const { context, settings, room, engineRoom } = run;
  const { interrupt, progress, say } = engineRoom;
  const reporter = settings.writesReport
    ? await createRunReporter({ context, room, engineRoom, maxWorkers: settings.maxWorkers }, study)
    : undefined;
  progress.stage(
    `Study ${study.id}: ${study.trialsRecorded === 0 ? 'running' : `going on after ${formatCount(study.trialsRecorded)} trials`}`,
  );
  try {
    await runStudy(
      {
        store: room.store,
        engine: engineRoom.engine,
        slicesDir: room.workspace.slicesDir,
        maxWorkers: settings.maxWorkers,
        trialTimeoutMs: settings.trialTimeoutMs,
        owner: toOwner(hostname(), process.pid),
        nowMs: context.nowMs,
        drain: interrupt.drain,
        abort: interrupt.abort,
        onProgress: createShow(run, study),
        onBlock: createIntermediateReports(run, reporter, study),
      },
      study,
    );
  } catch (error) {
    if (error instanceof AppError && error.code === 'TOO_MANY_FAILURES') await reporter?.write({ isFinal: false });
    await explainStop(run, study, error);
    if (interrupt.abort.aborted && error instanceof AppError && error.code === 'CANCELLED') return;
    throw error;
  }
  await finish(run, reporter, study.id);
  if (interrupt.drain.aborted) say(`Go on with: quantbot studies resume ${study.id}`);
}

/** The total of a grid is its size, unless fewer trials were asked for. */
function createShow({ context, engineRoom, probe }: StudyRun, study: Study): (progress: StudyProgress) => void {
  const startedMs = context.nowMs();
  const { budget, objectives } = study.definition;
  const isGrid = probe.spaceSize !== null && (budget === null || probe.spaceSize < budget) && isExhaustible(study);
  return (progress) => {
    const shown = { ...progress, budget: isGrid ? probe.spaceSize : budget };
    const pace = {
      startedWith: study.trialsRecorded,
      elapsedMs: context.nowMs() - startedMs,
      objective: objectives[0] ?? '',
    };
    engineRoom.progress.report(toStudyShare(shown), describeStudyProgress(shown, pace));
  };
}

function isExhaustible({ definition }: Study): boolean {
  const sampler = definition.spec['sampler'];
  return typeof sampler === 'object' && sampler !== null && 'name' in sampler && sampler.name === 'grid';
}

function createIntermediateReports(
  { settings }: StudyRun,
  reporter: RunReporter | undefined,
  study: Study,
): (recorded: number) => Promise<void> {
  const every = settings.reportFrequency;
  let reported = study.trialsRecorded;
  return async (recorded) => {
    if (reporter === undefined || every === undefined || Math.floor(recorded / every) === Math.floor(reported / every)) return;
    reported = recorded;
    await reporter.write({ isFinal: false });
  };
}

async function finish(run: StudyRun, reporter: RunReporter | undefined, id: string): Promise<void> {
  const { context, room, engineRoom } = run;
  const { progress, interrupt, say } = engineRoom;
  if (reporter !== undefined) {
    progress.stage('Writing the report');
    await reporter.write({ isFinal: true });
  }
  progress.finish();
  const study = await room.store.findStudy(id);
  if (study === undefined) throw new AppError('STUDY_NOT_FOUND', `study ${id} was deleted while it ran`);
  await printStudy({ context, flags: run.flags, store: room.store }, study);
  if (reporter !== undefined) say(`\nReport: ${reporter.htmlPath}`);
  const isInterrupted = study.state === 'paused' || study.state === 'cancelled';
  if (isInterrupted) context.setExitCode(interrupt.exitCode() ?? EXIT_CODES.interrupted);
}

/** What is recorded stays, whatever happened: the user is told how much, and how to go on. */
async function explainStop({ context, room, engineRoom }: StudyRun, { id }: Study, error: unknown): Promise<void> {
  const study = await room.store.findStudy(id).catch(() => undefined);
  if (study === undefined) return;
  const isAborted = engineRoom.interrupt.abort.aborted;
  if (isAborted) context.setExitCode(engineRoom.interrupt.exitCode() ?? EXIT_CODES.interrupted);
  const isOurs = !(error instanceof AppError && (error.code === 'STUDY_RUNNING' || error.code === 'STALE_CLAIM'));
  if (!isOurs) return;
  engineRoom.say(
    `Study ${id} is ${study.state} with ${formatCount(study.trialsRecorded)} trials recorded. Go on with: quantbot studies resume ${id}`,
  );
}

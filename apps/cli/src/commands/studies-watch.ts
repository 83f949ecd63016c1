/** `quantbot studies watch`: follows a study that another process runs, until it ends. Reads the store and nothing else. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOwnerGone, readStudySpec, toOwner, type StudyProgress } from '@quantbot/backtest';
import { AppError, EXIT_CODES, type Study, type StudyStore } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { watchStudyThere } from '../remote/run-study.ts';
import { addServerFlags, findServer, type ServerFlags } from '../remote/server.ts';
import { listTop, printStudy } from '../studies/print-study.ts';
import { getStudy, withStudyStore } from '../studies/study-store.ts';
import { watchInterrupts } from '../terminal/interrupt.ts';
import { createProgressLine, type ProgressLine } from '../terminal/progress.ts';
import { describeStudyProgress, toStudyShare } from '../terminal/study-progress.ts';
import { createCommand } from './command.ts';

type WatchFlags = ServerFlags & { readonly json?: boolean };

export function createStudiesWatchCommand(context: CliContext): Command {
  return addServerFlags(
    createCommand('watch', 'Follow a study that another process runs, until it ends', [
      'quantbot studies watch 20260131-k3f9ab',
      'quantbot studies watch k3f9 --json > summary.json',
      'quantbot studies watch k3f9 --quiet && quantbot leaderboard',
    ]),
  )
    .argument('<study>', 'its id or an unambiguous beginning of it')
    .option('--json', 'the summary as JSON when it has ended')
    .action(async (study: string, flags: WatchFlags) => {
      await watchStudy(context, flags, study);
    });
}

const POLL_MS = 1_000;
/** Between the creation of a study and its first claim nobody holds it: that is not yet a runner that is gone. */
const LONELY_POLLS = 3;

export async function watchStudy(context: CliContext, flags: WatchFlags, id: string): Promise<void> {
  const client = await findServer(context, flags);
  if (client !== undefined) {
    await watchStudyThere({ context, flags, client }, id);
    return;
  }
  await withStudyStore(context, flags, async ({ store }) => {
    const study = await getStudy(store, id);
    const interrupt = watchInterrupts();
    const progress = createProgressLine({ stream: context.stderr, isQuiet: flags.quiet === true, nowMs: context.nowMs });
    try {
      progress.stage(`Watching study ${study.id}; Ctrl-C ends the watching, not the study`);
      const last = await follow({ context, store, signal: interrupt.signal, progress }, study);
      progress.finish();
      if (interrupt.signal.aborted) {
        context.setExitCode(interrupt.exitCode() ?? EXIT_CODES.interrupted);
        return;
      }
      await printStudy({ context, flags, store }, last);
      if (last.state === 'failed') context.setExitCode(EXIT_CODES.jobFailed);
    } finally {
      progress.finish();
      interrupt.stop();
    }
  });
}

interface Follower {
  readonly context: CliContext;
  readonly store: StudyStore;
  readonly signal: AbortSignal;
  readonly progress: ProgressLine;
}

/** Resolves when the study has ended or was paused; rejects when nobody works on it any more. */
async function follow({ context, store, signal, progress: line }: Follower, first: Study): Promise<Study> {
  const [startedMs, startedWith] = [context.nowMs(), first.trialsRecorded];
  let study = first;
  for (let lonely = 0; study.state === 'waiting' || study.state === 'running';) {
    const progress = await toProgress(store, study);
    const objective = study.definition.objectives[0] ?? '';
    line.report(
      toStudyShare(progress),
      describeStudyProgress(progress, { startedWith, elapsedMs: context.nowMs() - startedMs, objective }),
    );
    lonely = (await isLonely(store, study.id)) ? lonely + 1 : 0;
    if (lonely >= LONELY_POLLS) {
      throw new AppError('STALE_CLAIM', `nobody works on study ${study.id} any more; go on with: quantbot studies resume ${study.id}`);
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return study;
    study = await getStudy(store, study.id);
  }
  return study;
}

async function toProgress(store: StudyStore, study: Study): Promise<StudyProgress> {
  const [top] = await listTop(store, study, 1);
  const period = readStudySpec(study).leading_period;
  const value = top?.figures.find((each) => each.period === period)?.objectives[study.definition.objectives[0] ?? ''] ?? null;
  return {
    recorded: study.trialsRecorded,
    evaluated: 0,
    budget: study.definition.budget,
    failed: study.trialsFailed,
    best: top === undefined || value === null ? null : { number: top.number, value },
  };
}

async function isLonely(store: StudyStore, id: string): Promise<boolean> {
  const owner = await store.findClaimOwner(id);
  return owner === undefined || isOwnerGone(owner, toOwner(hostname(), process.pid));
}

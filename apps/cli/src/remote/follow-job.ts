/** Follows submitted work to its end. Ctrl-C lets go of it, a second one within a moment cancels it: the work is the server's, not this process's. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, LiveMessage } from '@quantbot/client';
import { AppError, ERROR_CODES, EXIT_CODES, JobViewSchema, StudyViewSchema, type ErrorCode, type JobView } from '@quantbot/core';
import { z } from 'zod';
import type { CliContext } from '../context.ts';
import { watchInterruptsPatiently, type PatientInterrupt } from '../terminal/interrupt.ts';
import { createProgressLine, type ProgressLine } from '../terminal/progress.ts';
import type { ServerFlags } from './server.ts';

export interface FollowRoom {
  readonly context: CliContext;
  readonly flags: ServerFlags;
  readonly client: Client;
}

/** What the runner of a job tells, with its status. */
export type JobNews = Readonly<Record<string, unknown>>;

export interface Followed {
  readonly id: string;
  /** `backtest:<id>`, or `study:<id>` where there may be no job. */
  readonly topic: string;
  /** Such as `backtest`, for sentences. */
  readonly what: string;
  /** How to see it again. */
  readonly watchCommand: string;
  readonly show: (news: JobNews, progress: ProgressLine) => void;
}

const ENDS: ReadonlySet<unknown> = new Set(['complete', 'cancelled', 'failed', 'paused']);
/** After the first Ctrl-C, for a second one. */
const SECOND_THOUGHT_MS = 2_000;

/** true: it has ended; false: the user let go of it, which sets the exit code. */
export async function followJob(room: FollowRoom, followed: Followed): Promise<boolean> {
  const { context, flags } = room;
  const isQuiet = flags.quiet === true;
  const progress = createProgressLine({ stream: context.stderr, isQuiet, nowMs: context.nowMs });
  const interrupt = watchInterruptsPatiently(() => {
    progress.finish();
    if (!isQuiet) context.stderr.write(toFarewell(followed));
  });
  try {
    await watchUntilEnd(room, { followed, interrupt, progress });
    progress.finish();
    if (!interrupt.drain.aborted) return true;
    context.setExitCode(interrupt.exitCode() ?? EXIT_CODES.interrupted);
    await giveSecondThought(room, followed, interrupt.abort);
    return false;
  } finally {
    progress.finish();
    interrupt.stop();
  }
}

function toFarewell({ what, id, watchCommand }: Followed): string {
  return `The ${what} ${id} goes on on the server; see it again with: ${watchCommand}\nCtrl-C again within ${SECOND_THOUGHT_MS / 1000} s cancels it.\n`;
}

interface Watch {
  readonly followed: Followed;
  readonly interrupt: PatientInterrupt;
  readonly progress: ProgressLine;
}

async function watchUntilEnd({ client }: FollowRoom, { followed, interrupt, progress }: Watch): Promise<void> {
  const onBreak = (reason: string): void => {
    progress.report(null, `Connection lost (${reason}); trying again`);
  };
  for await (const message of client.watch(followed.topic, { signal: interrupt.drain, onBreak })) {
    const news = toNews(message);
    if (ENDS.has(news['status'])) return;
    followed.show(news, progress);
  }
}

/** How things are: with the job, and the study if it is one. A study of a command line has no job. */
const StateSchema = z.object({
  job: JobViewSchema.pick({ status: true, progress: true }).nullable(),
  study: StudyViewSchema.pick({ state: true, budget: true, trials_recorded: true, trials_failed: true }).nullish(),
});

/** Events of a runner are flat. */
function toNews(message: LiveMessage): JobNews {
  const told = message.type === 'event' ? message.event : message.state;
  const { data } = StateSchema.safeParse(told);
  if (data === undefined) return told;
  const { job, study } = data;
  if (job !== null) return { ...job.progress, status: job.status };
  if (study === null || study === undefined) return { status: 'failed' };
  const { state: status, budget: total, trials_recorded: done, trials_failed: failed } = study;
  return { status, done, recorded: done, total, failed, best: null };
}

async function giveSecondThought({ context, client, flags }: FollowRoom, { id, what }: Followed, again: AbortSignal): Promise<void> {
  await sleep(SECOND_THOUGHT_MS, undefined, { signal: again }).catch(() => undefined);
  if (!again.aborted) return;
  const { status } = await client.cancelJob({ params: { id } });
  if (flags.quiet !== true) context.stderr.write(`The ${what} ${id} is ${status}.\n`);
}

/** Throws what a job failed with. */
export function refuseFailed(job: JobView, what: string): void {
  if (job.status !== 'failed') return;
  const { code, message } = job.error ?? { code: 'INTERNAL', message: `the ${what} ${job.id} failed without a reason` };
  throw new AppError(isKnown(code) ? code : 'INTERNAL', message);
}

function isKnown(code: string): code is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(code);
}

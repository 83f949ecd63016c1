/**
 * Takes jobs from the durable queue and runs them, several at once. The store is the only state: a server that is killed leaves its jobs
 * to itself after a restart, or to another server on the same database.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { AppError, type Job, type JobClaim, type JobError, type JobKind, type JobStore } from '@quantbot/core';
import { toRelativePaths } from '../results/relative-paths.ts';
import type { AbortReason, JobHandler, Progress } from './job-handler.ts';

export interface JobRunnerRoom {
  readonly jobs: JobStore;
  readonly handlers: Readonly<Record<JobKind, JobHandler>>;
  /** Names this process to the other servers. */
  readonly owner: string;
  readonly maxConcurrent: number;
  /** Most time of one job, counted anew when it is taken up again; LIMIT_EXCEEDED. */
  readonly maxRuntimeMs: number;
  /** Folder whose place on this machine no message tells. */
  readonly root: string;
  readonly nowMs: () => number;
  /** A job has begun, told its progress, or ended; `job` is as it was then. */
  readonly onChange: (job: Job) => void;
  /** Failures of the queue itself, which is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

export interface JobRunner {
  /** A job was submitted: look now, not at the next turn. */
  wake(): void;
  /** A job was asked to stop: if it runs here, it hears of it now, not at the next renewal. */
  hurry(id: string): void;
  readonly running: number;
  /** Takes no more jobs, lets those under way come to a halt, and after `graceMs` ends them; they go back to the queue. */
  stop(graceMs: number): Promise<void>;
}

const RENEW_EVERY_MS = 2_000;
/** Several renewals may be late before a server is believed dead. */
const JOB_STALE_AFTER_MS = 15_000;
const MAX_ATTEMPTS = 3;
/** Time to end after being told to. */
const ABANDON_AFTER_MS = 5_000;
/** A machine that slept, or whose clock was set: its claims look as old as those of a dead server. */
const RENEWAL_OVERDUE_MS = 3 * RENEW_EVERY_MS;
/** Other servers may submit to the same queue, and jobs of dead ones become free. */
const LOOK_EVERY_MS = 1_000;

export function startJobRunner(room: JobRunnerRoom): JobRunner {
  const stopping = new AbortController();
  const ending = new AbortController();
  const running = new Set<Promise<void>>();
  const renewals: Renewals = new Map();
  let wake = new AbortController();
  const signals = { drain: stopping.signal, end: ending.signal };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const heard = wake.signal;
      await Promise.all([...renewals.values()].map((renewal) => renewal.catchUp()));
      const claim = running.size < room.maxConcurrent ? await claimNext(room) : undefined;
      if (claim === undefined) {
        await wait(LOOK_EVERY_MS, undefined, { signal: AbortSignal.any([heard, stopping.signal]), ref: false }).catch(() => undefined);
        if (heard.aborted) wake = new AbortController();
        continue;
      }
      const run = runJob({ ...room, renewals }, claim, signals).finally(() => {
        running.delete(run);
        wake.abort();
      });
      running.add(run);
    }
  };
  const looping = loop();
  let stopped: Promise<void> | undefined;
  return {
    wake: () => {
      wake.abort();
    },
    hurry: (id) => void renewals.get(id)?.renew(),
    get running() {
      return running.size;
    },
    stop: (graceMs) => (stopped ??= stop(graceMs)),
  };

  async function stop(graceMs: number): Promise<void> {
    stopping.abort();
    await looping;
    const timer = setTimeout(() => {
      ending.abort('stop' satisfies AbortReason);
    }, graceMs);
    // One that does not end even then is left to the next server, which takes it when its claim has run out.
    await Promise.race([Promise.all(running), wait(graceMs + ABANDON_AFTER_MS, undefined, { ref: false })]);
    clearTimeout(timer);
    for (const renewal of renewals.values()) renewal.stop();
  }
}

async function claimNext(room: JobRunnerRoom): Promise<JobClaim | undefined> {
  try {
    return await room.jobs.claimJob({
      owner: room.owner,
      nowMs: room.nowMs(),
      staleAfterMs: JOB_STALE_AFTER_MS,
      maxAttempts: MAX_ATTEMPTS,
    });
  } catch (error) {
    room.onTrouble(error);
    return undefined;
  }
}

interface Renewal {
  /** Now, not at the next turn. */
  renew(): Promise<void>;
  /** If it should have been renewed long ago: else this very server would take the job a second time while it runs it. */
  catchUp(): Promise<void>;
  stop(): void;
}

/** By the id of the job. */
type Renewals = Map<string, Renewal>;
type RunRoom = JobRunnerRoom & { readonly renewals: Renewals };

interface Signals {
  readonly drain: AbortSignal;
  readonly end: AbortSignal;
}

/** Never rejects: whatever happens to a job is written into it, or, if the store is away, left to whoever claims it next. */
async function runJob(room: RunRoom, { job, token }: JobClaim, { drain, end }: Signals): Promise<void> {
  const cancel = new AbortController();
  const heartbeat = beat(room, { job, token }, cancel);
  room.onChange(job);
  let outcome: Outcome;
  try {
    const abort = AbortSignal.any([cancel.signal, end]);
    const result = await room.handlers[job.kind]({ job, abort, drain, report: heartbeat.report });
    outcome = result === undefined ? { kind: 'halted' } : { kind: 'complete', result };
  } catch (error) {
    outcome = cancel.signal.aborted || end.aborted ? { kind: 'halted' } : { kind: 'failed', error: toJobError(room, error) };
  }
  await heartbeat.settle();
  try {
    await record(room, { job, token }, { outcome, cause: heartbeat.cause() });
    const ended = await room.jobs.findJob(job.id);
    if (ended !== undefined) room.onChange(ended);
  } catch (error) {
    room.onTrouble(error);
  }
}

type Outcome =
  | { readonly kind: 'complete'; readonly result: Progress }
  | { readonly kind: 'failed'; readonly error: JobError }
  | { readonly kind: 'halted' };

interface Ending {
  readonly outcome: Outcome;
  readonly cause: Exclude<AbortReason, 'stop'> | undefined;
}

function toLate(maxRuntimeMs: number): JobError {
  return {
    code: 'LIMIT_EXCEEDED',
    message: `it has run for ${String(maxRuntimeMs / 1000)} s, as long as a job may here (max_runtime_s), and was ended; ask for less at a time`,
  };
}

async function record({ jobs, nowMs, maxRuntimeMs }: JobRunnerRoom, { job, token }: JobClaim, { outcome, cause }: Ending): Promise<void> {
  if (cause === 'lost') return;
  const end = { id: job.id, token, atMs: nowMs() };
  if (outcome.kind === 'complete') await jobs.finishJob({ ...end, state: 'complete', result: outcome.result, error: null });
  else if (outcome.kind === 'failed') await jobs.finishJob({ ...end, state: 'failed', result: null, error: outcome.error });
  else if (cause === 'late') await jobs.finishJob({ ...end, state: 'failed', result: null, error: toLate(maxRuntimeMs) });
  else if (cause === 'cancel') await jobs.finishJob({ ...end, state: 'cancelled', result: null, error: null });
  else await jobs.releaseJob({ id: job.id, token });
}

/** An AppError is for the user; what else went wrong is a bug, of which the user sees no inside. */
function toJobError({ root, onTrouble }: JobRunnerRoom, error: unknown): JobError {
  if (error instanceof AppError) return { code: error.code, message: String(toRelativePaths(error.message, root)) };
  onTrouble(error);
  return { code: 'INTERNAL', message: 'this is a bug in quantbot; the log of the server tells more' };
}

/** Node's timers end at once beyond it. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Heartbeat {
  readonly report: (progress: Progress) => void;
  /** Why `cancel` was aborted. */
  readonly cause: () => Exclude<AbortReason, 'stop'> | undefined;
  /** Writes the last progress that was told, and renews no more. */
  readonly settle: () => Promise<void>;
}

/** Renews the claim, with the last progress, and hears of cancellations in the answer. */
function beat(room: RunRoom, { job, token }: JobClaim, cancel: AbortController): Heartbeat {
  let latest: Progress | null = null;
  let cause: Exclude<AbortReason, 'stop'> | undefined;
  let renewedAtMs = room.nowMs();
  const end = (reason: Exclude<AbortReason, 'stop'>): void => {
    if (cause !== undefined) return;
    cause = reason;
    cancel.abort(reason);
  };
  const renew = async (): Promise<void> => {
    const progress = latest;
    latest = null;
    try {
      const answer = await room.jobs.renewJob({ id: job.id, token, nowMs: room.nowMs(), progress });
      renewedAtMs = room.nowMs();
      if (answer !== 'held') end(answer);
    } catch (error) {
      // A store that is busy or away for a moment is no lost claim; the next renewal tells.
      latest ??= progress;
      room.onTrouble(error);
    }
  };
  const timer = setInterval(() => void renew(), RENEW_EVERY_MS);
  const deadline = setTimeout(end, Math.min(room.maxRuntimeMs, LONGEST_TIMER_MS), 'late');
  timer.unref();
  deadline.unref();
  const stop = (): void => {
    clearInterval(timer);
    clearTimeout(deadline);
    room.renewals.delete(job.id);
  };
  room.renewals.set(job.id, {
    renew,
    stop,
    catchUp: async () => {
      if (Math.abs(room.nowMs() - renewedAtMs) > RENEWAL_OVERDUE_MS) await renew();
    },
  });
  return {
    report(progress) {
      latest = progress;
      room.onChange({ ...job, progress });
    },
    cause: () => cause,
    async settle() {
      stop();
      if (latest !== null) await renew();
    },
  };
}

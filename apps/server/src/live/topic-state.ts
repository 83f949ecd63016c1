/** What a topic looks like now, from the stores: for snapshots, and for events of work that runs in another process. */
import { toJobView, toStudyView, type JobStore, type LiveEvent, type StudyStore } from '@quantbot/core';

type Json = Record<string, unknown>;

export interface StateRoom {
  readonly studies: StudyStore;
  readonly jobs: JobStore;
}

/** undefined: there is no such thing (any more). */
export async function readTopicState({ studies, jobs }: StateRoom, topic: string): Promise<Json | undefined> {
  if (topic === 'system') return { queue: await jobs.countByState() };
  const id = topic.slice(topic.indexOf(':') + 1);
  const [job, study] = await Promise.all([jobs.findJob(id), topic.startsWith('study:') ? studies.findStudy(id) : undefined]);
  if (job === undefined && study === undefined) return undefined;
  return { job: job === undefined ? null : toJobView(job), study: study === undefined ? null : toStudyView(study) };
}

const ENDS: ReadonlySet<unknown> = new Set(['complete', 'cancelled', 'failed']);

/** The state as one flat object, as the sockets of one backtest send it. */
export function toBacktestProgress(state: Json): LiveEvent {
  const job = state['job'] as ReturnType<typeof toJobView> | null;
  return toProgressEvent(job ?? { id: '', status: 'failed', progress: null, error: null });
}

export function toProgressEvent(job: Pick<ReturnType<typeof toJobView>, 'id' | 'status' | 'progress' | 'error'>): LiveEvent {
  const { id, status, progress, error } = job;
  return {
    ...progress,
    kind: ENDS.has(status) || progress === null ? 'state' : 'progress',
    backtest_id: id,
    status,
    progress_pct: toPercent(progress),
    error,
  };
}

export function hasEnded(event: LiveEvent): boolean {
  return ENDS.has(event['status']);
}

/** Runners tell `progress_pct`, or `done` and `total`. */
export function toPercent(progress: Json | null): number | null {
  if (progress === null) return null;
  const { progress_pct: percent, done, total } = progress;
  if (typeof percent === 'number' && Number.isFinite(percent)) return Math.min(100, Math.max(0, percent));
  return typeof done === 'number' && typeof total === 'number' && total > 0 ? Math.min(100, Math.max(0, (100 * done) / total)) : null;
}

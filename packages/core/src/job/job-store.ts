/** The port to the durable queue of jobs. One contract suite holds SQLite and PostgreSQL to it (packages/storage). */
import type { Page } from '../study/study-store.ts';
import type { Job, JobError, JobKind, JobState } from './job.ts';

export interface JobFilter {
  readonly kinds?: readonly JobKind[];
  readonly states?: readonly JobState[];
  readonly submittedBy?: string;
  /** Part of the name or the id. */
  readonly search?: string;
  /** Default: newest first. */
  readonly sort?: { readonly by: 'createdAtMs' | 'finishedAtMs' | 'name' | 'priority'; readonly direction: 'asc' | 'desc' };
  readonly offset?: number;
  /** Default 50, at most 1,000. */
  readonly limit?: number;
}

export interface NewJob {
  /** Must be new, else AppError INVALID_REQUEST. */
  readonly id: string;
  readonly kind: JobKind;
  readonly name: string;
  readonly priority: number;
  readonly submittedBy: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly studyId: string | null;
  readonly createdAtMs: number;
}

export interface JobClaim {
  readonly job: Job;
  /** Grows with every claim of this job, so that a runner that was believed dead can no longer write. */
  readonly token: number;
}

/** Safe to use from several processes and hosts at once. Times of claims are those of the callers, who renew often and wait long. */
export interface JobStore {
  /** Refused with AppError QUEUE_FULL when the submitter has `maxQueued` queued jobs already; checked and written in one transaction. */
  submitJob(job: NewJob, limits: { readonly maxQueued: number }): Promise<Job>;
  findJob(id: string): Promise<Job | undefined>;
  listJobs(filter?: JobFilter): Promise<Page<Job>>;
  countByState(): Promise<Readonly<Record<JobState, number>>>;
  /**
   * Takes the next job: queued ones, and running ones whose claim was not renewed for `staleAfterMs`. Order: priority, then the submitter with the
   * fewest running jobs, then age. A job that was begun `maxAttempts` times without an end becomes `failed` (JOB_LOST) instead; a stale
   * `cancelling` one becomes `cancelled`. undefined: nothing to do.
   */
  claimJob(claim: {
    readonly owner: string;
    readonly nowMs: number;
    readonly staleAfterMs: number;
    readonly maxAttempts: number;
  }): Promise<JobClaim | undefined>;
  /** Keeps a claim alive and writes progress. `cancel`: the job was asked to stop; `lost`: the claim is another's, or the job has ended. */
  renewJob(renewal: {
    readonly id: string;
    readonly token: number;
    readonly nowMs: number;
    readonly progress: Readonly<Record<string, unknown>> | null;
  }): Promise<'held' | 'cancel' | 'lost'>;
  /** Ends a job; false, and nothing is written, if the claim was lost. */
  finishJob(end: {
    readonly id: string;
    readonly token: number;
    readonly state: 'complete' | 'cancelled' | 'failed';
    readonly result: Readonly<Record<string, unknown>> | null;
    readonly error: JobError | null;
    readonly atMs: number;
  }): Promise<boolean>;
  /** Back to the queue, as after a server was told to stop; the attempt does not count. false: the claim was lost. */
  releaseJob(claim: { readonly id: string; readonly token: number }): Promise<boolean>;
  /** Queued → cancelled, running → cancelling; the state after it. A job that has ended stays as it is. undefined: no such job. */
  cancelJob(id: string, atMs: number): Promise<JobState | undefined>;
  /** Removes a job that has ended; false: there is none, or it has not ended. */
  deleteJob(id: string): Promise<boolean>;
  close(): Promise<void>;
}

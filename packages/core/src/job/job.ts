/** Jobs: work that was submitted to a server and outlives it. What a job computes lies in files and studies; the job says where. */

/** `study` covers every search: grids, optimisations, batches. */
export const JOB_KINDS = ['backtest', 'v1_baseline', 'study', 'walk_forward'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** `cancelling`: asked to stop while it runs; it becomes `cancelled` when its runner has noticed, or when its claim has gone stale. */
export const JOB_STATES = ['queued', 'running', 'cancelling', 'complete', 'cancelled', 'failed'] as const;
export type JobState = (typeof JOB_STATES)[number];

type Json = Readonly<Record<string, unknown>>;

export interface JobError {
  readonly code: string;
  readonly message: string;
}

export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly name: string;
  readonly state: JobState;
  /** -100 to 100, higher runs first. */
  readonly priority: number;
  /** Who submitted it: the id of an API key, or `local` without authentication. */
  readonly submittedBy: string;
  /** As submitted and checked; the store does not look inside. */
  readonly request: Json;
  /** The last that its runner told, null before it began. */
  readonly progress: Json | null;
  /** Short facts of a complete job; what is large lies in files. */
  readonly result: Json | null;
  readonly error: JobError | null;
  /** The study that it fills, if it does. */
  readonly studyId: string | null;
  /** How often a runner has begun it. */
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
}

/** What runs one kind of job. Adding a kind: a handler in this folder, and its line where the server is put together. */
import type { Job } from '@quantbot/core';

export type Progress = Readonly<Record<string, unknown>>;

/** `cancel`: somebody asked for it; `lost`: another server has the job; `late`: it has run too long; `stop`: this server ends now. */
export type AbortReason = 'cancel' | 'lost' | 'late' | 'stop';

export interface JobWork {
  readonly job: Job;
  /** Its `reason` is an AbortReason. The handler then rejects, whatever with. */
  readonly abort: AbortSignal;
  /** Aborted when the server is told to stop: what can go on later should come to a halt; the job goes back to the queue. */
  readonly drain: AbortSignal;
  /** Told to whoever watches, and kept with the job; may be called as often as there is news. */
  readonly report: (progress: Progress) => void;
}

/** Resolves with the short facts that are kept with the job; `undefined`: it came to a halt because of `drain`, and can go on. */
export type JobHandler = (work: JobWork) => Promise<Progress | undefined>;

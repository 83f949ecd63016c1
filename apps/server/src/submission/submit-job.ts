/** Checked requests become durable jobs. The id is that of the run folder and, for searches, of the study. */
import type { Job, JobKind } from '@quantbot/core';
import type { Principal, ServerRoom } from '../room.ts';

export interface Submission {
  readonly kind: JobKind;
  readonly name: string;
  readonly priority: number;
  readonly request: Readonly<Record<string, unknown>>;
  /** A search: its study gets the id of the job. */
  readonly isStudy?: boolean;
}

/** QUEUE_FULL if the caller has too many waiting jobs already. */
export async function submitJob(room: ServerRoom, submission: Submission, principal: Principal): Promise<Job> {
  const { kind, name, priority, request, isStudy = false } = submission;
  const id = room.createId();
  const job = await room.jobs.submitJob(
    { id, kind, name, priority, submittedBy: principal.id, request, studyId: isStudy ? id : null, createdAtMs: room.nowMs() },
    { maxQueued: room.settings.max_queued },
  );
  room.runner?.wake();
  return job;
}

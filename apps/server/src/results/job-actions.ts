/** What several resources do with jobs: lists and cancelling. */
import { AppError, type Job, type JobFilter, type JobKind, type JobState } from '@quantbot/core';
import type { Principal, ServerRoom } from '../room.ts';
import { getJob } from './read-result.ts';

export interface JobListQuery {
  readonly offset: number;
  readonly limit: number;
  readonly states?: readonly JobState[] | undefined;
  readonly search?: string | undefined;
  readonly sort: 'created_at' | 'finished_at' | 'name' | 'priority';
  readonly direction: 'asc' | 'desc';
}

const SORT_KEYS = { created_at: 'createdAtMs', finished_at: 'finishedAtMs', name: 'name', priority: 'priority' } as const;

export function toJobFilter({ offset, limit, states, search, sort, direction }: JobListQuery): JobFilter {
  return {
    offset,
    limit,
    sort: { by: SORT_KEYS[sort], direction },
    ...(states !== undefined && { states }),
    ...(search !== undefined && { search }),
  };
}

interface Cancellation {
  readonly id: string;
  readonly kinds?: readonly JobKind[];
  readonly principal: Principal;
}

/** Idempotent: what has ended stays as it is. JOB_NOT_FOUND; FORBIDDEN for the work of another key. */
export async function cancelJob(room: ServerRoom, { id, kinds, principal }: Cancellation): Promise<{ id: string; status: JobState }> {
  const job = await getJob(room.jobs, id, kinds);
  refuseOthers(principal, job);
  const status = (await room.jobs.cancelJob(id, room.nowMs())) ?? job.state;
  room.runner?.hurry(id);
  return { id, status };
}

/** Who may submit may stop what the same key submitted; admins may stop everything. undefined: begun on the command line. */
export function refuseOthers({ id, role }: Principal, job: Job | undefined): void {
  if (role === 'admin' || job?.submittedBy === id) return;
  throw new AppError(
    'FORBIDDEN',
    'this was submitted by somebody else; only the key that submitted it, or one with the role admin, may stop it',
  );
}

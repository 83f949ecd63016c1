/** What several resources do with jobs: lists and cancelling. */
import type { JobFilter, JobKind, JobState } from '@quantbot/core';
import type { ServerRoom } from '../room.ts';
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

/** Idempotent: what has ended stays as it is. JOB_NOT_FOUND. */
export async function cancelJob(room: ServerRoom, id: string, kinds?: readonly JobKind[]): Promise<{ id: string; status: JobState }> {
  const job = await getJob(room.jobs, id, kinds);
  const status = (await room.jobs.cancelJob(id, room.nowMs())) ?? job.state;
  room.runner?.hurry(id);
  return { id, status };
}

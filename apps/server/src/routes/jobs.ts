/** The queue as a list, whatever the kind of work. */
import { AppError, toJobView, type JOB_ROUTES } from '@quantbot/core';
import type { Handlers } from '../http/register-route.ts';
import { cancelJob, toJobFilter } from '../results/job-actions.ts';
import { getJob } from '../results/read-result.ts';
import type { ServerRoom } from '../room.ts';

export function createJobHandlers(room: ServerRoom): Handlers<typeof JOB_ROUTES> {
  const { jobs } = room;
  return {
    async listJobs({ query }) {
      const { kinds, submitted_by: submittedBy } = query;
      const { items, total } = await jobs.listJobs({
        ...toJobFilter(query),
        ...(kinds !== undefined && { kinds }),
        ...(submittedBy !== undefined && { submittedBy }),
      });
      return { items: items.map(toJobView), total, offset: query.offset, limit: query.limit };
    },
    getJob: async ({ params }) => toJobView(await getJob(jobs, params.id)),
    cancelJob: ({ params, principal }) => cancelJob(room, { id: params.id, principal }),
    async deleteJob({ params }) {
      const job = await getJob(jobs, params.id);
      if (await jobs.deleteJob(params.id)) return { id: params.id, deleted: true };
      throw new AppError('INVALID_REQUEST', `${params.id} is ${job.state}; cancel it first`);
    },
  };
}

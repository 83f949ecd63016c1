/** The port of core to jobs, over a database that is open. */
import type { JobStore } from '@quantbot/core';
import type { StudyDatabase } from '../studies/database/study-database.ts';
import { claimJob, finishJob, releaseJob, renewJob } from './job-claims.ts';
import { cancelJob, countByState, deleteJob, findJob, listJobs, submitJob, toJobRow } from './job-rows.ts';

/** Closing it closes the database. */
export function createJobStore(database: StudyDatabase): JobStore {
  const guard = async <T>(doing: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      throw database.toError(error, doing);
    }
  };
  return {
    async submitJob(job, { maxQueued }) {
      const row = toJobRow(job);
      return guard('submitting a job', () => submitJob(database, row, maxQueued));
    },
    findJob: (id) => guard('reading a job', () => database.read((queries) => findJob(queries, id))),
    listJobs: (filter) => guard('listing the jobs', async () => listJobs(database, filter)),
    countByState: () => guard('counting the jobs', () => database.read(countByState)),
    claimJob: (claim) => guard('claiming a job', () => claimJob(database, claim)),
    renewJob: (renewal) => guard('renewing a job', () => renewJob(database, renewal)),
    finishJob: (end) => guard('ending a job', () => finishJob(database, end)),
    releaseJob: (held) => guard('releasing a job', () => releaseJob(database, held)),
    cancelJob: (id, atMs) => guard('cancelling a job', () => cancelJob(database, id, atMs)),
    deleteJob: (id) => guard('deleting a job', () => deleteJob(database, id)),
    close: () => database.close(),
  };
}

/** Jobs as the server shows them: the queue, whatever the kind. */
import { z } from 'zod';
import { JOB_KINDS, JOB_STATES, type Job } from '../job/job.ts';
import { defineRoute } from './contract.ts';
import { IdParamsSchema, IdSchema, IsoTimeSchema, JsonObjectSchema, listOf, pageFields, pageOf, SearchTextSchema } from './common.ts';

export const JobViewSchema = z
  .object({
    id: IdSchema,
    kind: z.enum(JOB_KINDS),
    name: z.string(),
    status: z.enum(JOB_STATES),
    priority: z.int(),
    submitted_by: z.string(),
    study_id: z.string().nullable(),
    attempts: z.int(),
    progress: JsonObjectSchema.nullable(),
    result: JsonObjectSchema.nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    created_at: IsoTimeSchema,
    started_at: IsoTimeSchema.nullable(),
    finished_at: IsoTimeSchema.nullable(),
  })
  .meta({ id: 'Job', description: 'Submitted work. `progress` is the last that its runner told, `result` short facts of a complete job.' });
export type JobView = z.infer<typeof JobViewSchema>;

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

export function toJobView(job: Job): JobView {
  return {
    id: job.id,
    kind: job.kind,
    name: job.name,
    status: job.state,
    priority: job.priority,
    submitted_by: job.submittedBy,
    study_id: job.studyId,
    attempts: job.attempts,
    progress: job.progress,
    result: job.result,
    error: job.error === null ? null : { code: job.error.code, message: job.error.message },
    created_at: new Date(job.createdAtMs).toISOString(),
    started_at: toIso(job.startedAtMs),
    finished_at: toIso(job.finishedAtMs),
  };
}

export const JobPageSchema = pageOf(JobViewSchema);

const SORTS = ['created_at', 'finished_at', 'name', 'priority'] as const;
export const jobListFields = {
  ...pageFields,
  states: listOf(JOB_STATES).optional(),
  search: SearchTextSchema.optional(),
  sort: z.enum(SORTS).default('created_at'),
  direction: z.enum(['asc', 'desc']).default('desc'),
};

/** Submitting answers with this; the work goes on without the request. */
export const submittedFields = { status: z.enum(JOB_STATES) };
export const PrioritySchema = z.int().min(-100).max(100).default(0).meta({ description: 'Higher runs first.' });

export const CancelledSchema = z
  .object({ id: IdSchema, status: z.enum(JOB_STATES) })
  .meta({ id: 'Cancellation', description: '`cancelling`: it was running and stops soon. Work that had ended keeps its status.' });

const tag = 'queue';
export const JOB_ROUTES = {
  listJobs: defineRoute({
    id: 'listJobs',
    method: 'GET',
    path: '/api/jobs',
    tag,
    summary: 'All submitted work, newest first',
    role: 'read',
    query: z.strictObject({ ...jobListFields, kinds: listOf(JOB_KINDS).optional(), submitted_by: z.string().min(1).max(64).optional() }),
    status: 200,
    response: JobPageSchema,
    errors: [],
  }),
  getJob: defineRoute({
    id: 'getJob',
    method: 'GET',
    path: '/api/jobs/:id',
    tag,
    summary: 'One job',
    role: 'read',
    params: IdParamsSchema,
    status: 200,
    response: JobViewSchema,
    errors: ['JOB_NOT_FOUND'],
  }),
  cancelJob: defineRoute({
    id: 'cancelJob',
    method: 'POST',
    path: '/api/jobs/:id/cancel',
    tag,
    summary: 'Ask a job to stop',
    role: 'run',
    params: IdParamsSchema,
    status: 202,
    response: CancelledSchema,
    errors: ['JOB_NOT_FOUND'],
  }),
  deleteJob: defineRoute({
    id: 'deleteJob',
    method: 'DELETE',
    path: '/api/jobs/:id',
    tag,
    summary: 'Forget a job that has ended; its files and its study stay',
    role: 'admin',
    params: IdParamsSchema,
    status: 200,
    response: z.object({ id: IdSchema, deleted: z.literal(true) }),
    errors: ['JOB_NOT_FOUND', 'INVALID_REQUEST'],
  }),
};

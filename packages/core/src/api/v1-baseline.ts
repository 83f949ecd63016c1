/** V1 baseline over the calls of the catalogue: the same job as `quantbot backtest v1-baseline`. */
import { z } from 'zod';
import { CapitalSimulatorConfigSchema, ExtremeLimitsSchema, RANK_FIGURES, V1BaselineGridSchema } from '../engine/v1-baseline.ts';
import { JOB_STATES } from '../job/job.ts';
import { IdParamsSchema, IdSchema, JsonObjectSchema, NameSchema, TimeframeSchema, TimeSchema } from './common.ts';
import { defineRoute } from './contract.ts';
import { jobListFields, JobPageSchema, PrioritySchema } from './jobs.ts';

export const RunV1BaselineSchema = z
  .strictObject({
    mode: z.enum(['per-caller', 'grouped', 'both', 'optimize', 'rank']).default('both'),
    from: TimeSchema.optional(),
    to: TimeSchema.optional(),
    interval: TimeframeSchema.optional(),
    param_grid: V1BaselineGridSchema.partial().optional(),
    simulator_config: CapitalSimulatorConfigSchema.partial().optional(),
    extreme_limits: ExtremeLimitsSchema.partial().optional(),
    rank_by: z.enum(RANK_FIGURES).default('expectancy'),
    min_calls: z.int().min(1).max(1_000_000).default(1),
    filter_collapsed: z.boolean().default(true),
    filter_extreme: z.boolean().default(true),
    caller_groups: z.array(NameSchema).max(10_000).default([]),
    allow_partial: z.boolean().default(true),
    name: NameSchema.optional(),
    priority: PrioritySchema,
  })
  .meta({ id: 'RunV1Baseline', description: 'What is left out comes from quantbot.yaml, then from the defaults of docs/assumptions.md.' });
export type RunV1Baseline = z.output<typeof RunV1BaselineSchema>;

const tag = 'v1 baseline';
export const V1_BASELINE_ROUTES = {
  runV1Baseline: defineRoute({
    id: 'runV1Baseline',
    method: 'POST',
    path: '/api/v1-baseline/run',
    tag,
    summary: 'Submit a V1 baseline run',
    role: 'run',
    body: RunV1BaselineSchema,
    status: 202,
    response: z.object({ run_id: IdSchema, status: z.enum(JOB_STATES), combinations: z.int() }),
    errors: ['NO_CALLS', 'LIMIT_EXCEEDED', 'QUEUE_FULL'],
  }),
  listV1BaselineRuns: defineRoute({
    id: 'listV1BaselineRuns',
    method: 'GET',
    path: '/api/v1-baseline/runs',
    tag,
    summary: 'V1 baseline runs, newest first',
    role: 'read',
    query: z.strictObject(jobListFields),
    status: 200,
    response: JobPageSchema,
    errors: [],
  }),
  getV1BaselineResult: defineRoute({
    id: 'getV1BaselineResult',
    method: 'GET',
    path: '/api/v1-baseline/runs/:id/results',
    tag,
    summary: 'The result document of a complete run, as `--json` prints it',
    role: 'read',
    params: IdParamsSchema,
    status: 200,
    response: JsonObjectSchema,
    errors: ['JOB_NOT_FOUND', 'JOB_NOT_COMPLETE', 'CANCELLED', 'FILE_NOT_FOUND'],
  }),
};

/** Searches: the predecessors' ways to submit them (optimize, walk-forward, batches). What they find is a study (studies.ts). */
import { z } from 'zod';
import { PeriodFiguresSchema, SAMPLER_NAMES } from '../engine/search.ts';
import { SimulationSettingsSchema } from '../engine/rule-strategy.ts';
import { JOB_STATES } from '../job/job.ts';
import { ParameterValueSchema, PERIODS, STUDY_STATES } from '../study/study.ts';
import { hasOneTarget, targetFields } from './backtests.ts';
import { IdParamsSchema, IdSchema, IsoTimeSchema, JsonObjectSchema, NameSchema, pageFields, pageOf, TimeSchema } from './common.ts';
import { defineRoute } from './contract.ts';
import { CancelledSchema, PrioritySchema } from './jobs.ts';
import { TrialViewSchema } from './trials.ts';

const axis = z.union([
  z.array(ParameterValueSchema).min(1).max(100_000),
  z.strictObject({ low: z.number(), high: z.number(), step: z.number().positive().optional(), log: z.boolean().optional() }),
]);
const SpaceSchema = z
  .record(z.string().min(1).max(100), axis)
  .refine((space) => Object.keys(space).length >= 1 && Object.keys(space).length <= 64, 'expected 1 to 64 parameters')
  .meta({ description: 'Parameter → its values, or its range `{low, high, step?, log?}`.' });

const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .optional();

/** What the search goes by, whichever way its windows are cut. */
const searchFields = {
  ...targetFields,
  optimize_params: SpaceSchema,
  objective: NameSchema.default('sharpe_ratio').meta({ description: '`total_pnl` is another word for `final_balance`.' }),
  sampler: z.enum(SAMPLER_NAMES).default('grid'),
  trials: z.int().min(1).max(1_000_000).optional(),
  seed,
  initial_capital: z.number().positive().max(1e15).optional(),
  simulation: SimulationSettingsSchema.prefault({}),
  name: NameSchema.optional(),
  priority: PrioritySchema,
};
const ONE_TARGET = 'expected symbol or symbols, one of the two';

export const OptimizeBodySchema = z
  .strictObject({
    ...searchFields,
    date_range: z.tuple([TimeSchema, TimeSchema]).optional(),
    start_date: TimeSchema.optional(),
    end_date: TimeSchema.optional(),
    periods: z.array(z.enum(PERIODS)).min(1).max(PERIODS.length).default(['all']),
  })
  .refine(hasOneTarget, ONE_TARGET)
  .refine(
    (body) => body.date_range === undefined || (body.start_date === undefined && body.end_date === undefined),
    'expected date_range or start_date and end_date, not both',
  )
  .meta({
    id: 'Optimize',
    description: 'A search over parameters of one strategy. All combinations with the sampler `grid`, which needs no `trials`.',
    examples: [
      {
        strategy_name: 'ma_crossover_strategy',
        symbol: 'EURUSD',
        timeframe: '1h',
        date_range: ['2024-01-01', '2024-03-01'],
        optimize_params: { stop_loss: [0.01, 0.02, 0.03], take_profit: [0.02, 0.04, 0.06], position_size: [0.01, 0.02, 0.03] },
        objective: 'sharpe_ratio',
      },
    ],
  });
export type OptimizeBody = z.output<typeof OptimizeBodySchema>;

const months = z.number().positive().max(600);
export const WalkForwardBodySchema = z
  .strictObject({
    ...searchFields,
    start_date: TimeSchema,
    end_date: TimeSchema,
    window_size_months: months.meta({ description: 'Length of the windows that are searched.' }),
    test_size_months: months
      .optional()
      .meta({ description: 'Length of the windows that follow and are only tested; default: as long as the searched ones.' }),
    anchored: z.boolean().default(false).meta({ description: 'true: every searched window begins at start_date.' }),
  })
  .refine(hasOneTarget, ONE_TARGET)
  .meta({
    id: 'WalkForward',
    description: 'Searches one window, tests what was best on the next one, and moves on by the length of the test.',
    examples: [
      {
        strategy_name: 'ma_crossover_strategy',
        symbol: 'EURUSD',
        timeframe: '1h',
        start_date: '2023-01-01',
        end_date: '2024-12-31',
        window_size_months: 3,
        optimize_params: { stop_loss: [0.01, 0.02, 0.03] },
        objective: 'sharpe_ratio',
      },
    ],
  });
export type WalkForwardBody = z.output<typeof WalkForwardBodySchema>;

export const RunParallelBodySchema = z
  .strictObject({
    config: JsonObjectSchema.optional().meta({ description: 'A study file as JSON (docs/how-to-optimise.md).' }),
    config_yaml: z
      .string()
      .min(1)
      .max(256 * 1024)
      .optional()
      .meta({ description: 'A study file as its text.' }),
    config_path: z.string().min(1).max(300).optional().meta({ description: 'A study file of the workspace, relative to its folder.' }),
    max_concurrent: z.int().min(1).max(1_024).optional().meta({ description: 'Most processes that this batch may use.' }),
    trials: z.int().min(1).max(1_000_000).optional(),
    seed,
    name: NameSchema.optional(),
    priority: PrioritySchema,
  })
  .refine(
    (body) => [body.config, body.config_yaml, body.config_path].filter((each) => each !== undefined).length === 1,
    'expected one of config, config_yaml and config_path',
  )
  .meta({ id: 'RunParallel', examples: [{ config_path: 'configs/optimizations/test_config.yaml', max_concurrent: 2 }] });
export type RunParallelBody = z.output<typeof RunParallelBodySchema>;

/** One set of figures as batches and studies show it first. */
export const BestTrialSchema = z.object({
  number: z.int(),
  params: z.record(z.string(), ParameterValueSchema),
  objective: z.string(),
  value: z.number(),
});

export const BatchSchema = z
  .object({
    batch_id: IdSchema,
    name: z.string(),
    status: z.enum(JOB_STATES),
    study_id: IdSchema,
    study_state: z.enum(STUDY_STATES).nullable(),
    total: z.int().nullable(),
    completed: z.int(),
    failed: z.int(),
    pruned: z.int(),
    progress_pct: z.number().nullable(),
    best: BestTrialSchema.nullable(),
    trials_per_s: z.number().nullable(),
    estimated_seconds_left: z.number().nullable(),
    estimated_completion: IsoTimeSchema.nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    created_at: IsoTimeSchema,
    started_at: IsoTimeSchema.nullable(),
    finished_at: IsoTimeSchema.nullable(),
  })
  .meta({
    id: 'Batch',
    description:
      '`total` and estimates are null as long as nothing is known of them. `completed` counts recorded trials, failed and pruned ones included.',
  });

export const BatchResultsSchema = z
  .object({
    batch_id: IdSchema,
    status: z.enum(JOB_STATES),
    objective: z.string(),
    period: z.enum(PERIODS),
    accepted: pageOf(TrialViewSchema),
    best: BestTrialSchema.nullable(),
    best_figures: z.array(PeriodFiguresSchema),
    rejected: z.int().meta({ description: 'Complete trials that do not meet the success criteria.' }),
    failed: z.int(),
    parameter_analysis: z.array(
      z.object({
        parameter: z.string(),
        values: z.array(z.object({ value: ParameterValueSchema, trials: z.int(), mean: z.number(), best: z.number() })),
      }),
    ),
    analysed_trials: z.int().meta({ description: 'The best so many accepted trials were looked at for parameter_analysis.' }),
  })
  .meta({ id: 'BatchResults' });

const tag = 'optimisation';
const SUBMIT_ERRORS = [
  'STRATEGY_NOT_FOUND',
  'INVALID_STRATEGY',
  'INVALID_STUDY',
  'NO_CANDLES',
  'LIMIT_EXCEEDED',
  'QUEUE_FULL',
  'FILE_NOT_FOUND',
] as const;
const submit = { method: 'POST', tag, role: 'run', status: 202, errors: SUBMIT_ERRORS } as const;
const batch = { params: IdParamsSchema, tag, errors: ['JOB_NOT_FOUND'] } as const;
const statusField = { status: z.enum(JOB_STATES) };

export const OPTIMISATION_ROUTES = {
  optimize: defineRoute({
    ...submit,
    id: 'optimize',
    path: '/api/backtest/optimize',
    summary: 'Submit a search for the best parameters of a strategy',
    body: OptimizeBodySchema,
    response: z.object({
      optimization_id: IdSchema,
      batch_id: IdSchema,
      study_id: IdSchema,
      ...statusField,
      combinations: z.int().nullable(),
    }),
  }),
  walkForward: defineRoute({
    ...submit,
    id: 'walkForward',
    path: '/api/backtest/walk-forward',
    summary: 'Submit a walk-forward analysis: search one window, test the next',
    body: WalkForwardBodySchema,
    response: z.object({ walk_forward_id: IdSchema, ...statusField }),
  }),
  getWalkForward: defineRoute({
    ...batch,
    id: 'getWalkForward',
    method: 'GET',
    path: '/api/backtest/walk-forward/:id',
    summary: 'How far a walk-forward analysis is, and its result when it is complete',
    role: 'read',
    status: 200,
    response: z.object({
      walk_forward_id: IdSchema,
      ...statusField,
      progress: JsonObjectSchema.nullable(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
      result: JsonObjectSchema.nullable(),
    }),
    errors: ['JOB_NOT_FOUND', 'FILE_NOT_FOUND'],
  }),
  runParallel: defineRoute({
    ...submit,
    id: 'runParallel',
    path: '/api/optimization/run-parallel',
    summary: 'Submit a study file as a batch of parallel backtests',
    body: RunParallelBodySchema,
    response: z.object({ batch_id: IdSchema, study_id: IdSchema, ...statusField, combinations: z.int().nullable() }),
  }),
  getBatch: defineRoute({
    ...batch,
    id: 'getBatch',
    method: 'GET',
    path: '/api/optimization/batches/:id',
    summary: 'Progress, the best so far, and when it will be done',
    role: 'read',
    status: 200,
    response: BatchSchema,
  }),
  getBatchResults: defineRoute({
    ...batch,
    id: 'getBatchResults',
    method: 'GET',
    path: '/api/optimization/batches/:id/results',
    summary: 'Accepted trials, best first, and how each parameter did',
    role: 'read',
    query: z.strictObject(pageFields),
    status: 200,
    response: BatchResultsSchema,
  }),
  cancelBatch: defineRoute({
    ...batch,
    id: 'cancelBatch',
    method: 'DELETE',
    path: '/api/optimization/batches/:id',
    summary: 'Ask a batch to stop; what is recorded stays',
    role: 'run',
    status: 202,
    response: CancelledSchema,
  }),
};

/** What may stand in a study file. Both dialects: `parameters` (and what belongs to the search) at top level or under `optimization`. */
import { CapitalSimulatorConfigSchema, PERIODS, SAMPLER_NAMES, SimulationSettingsSchema } from '@quantbot/core';
import { z } from 'zod';
import { WrittenParameterSchema } from './parameters.ts';

/** Names that people know samplers by. */
const SAMPLER_ALIASES = {
  sobol: 'quasi_random',
  tpe: 'bayesian',
  nsga2: 'evolutionary',
  'nsga-ii': 'evolutionary',
  cmaes: 'cma_es',
  'cma-es': 'cma_es',
} as const;

/** A sampler by its name or by one that people know it by. */
export const SamplerNameSchema = z.preprocess(
  (value) => (typeof value === 'string' ? ((SAMPLER_ALIASES as Record<string, string>)[value.toLowerCase()] ?? value) : value),
  z.enum(SAMPLER_NAMES),
);

export const SuccessCriteriaSchema = z.strictObject({
  min_trades: z.int().min(0).optional(),
  min_sharpe: z.number().optional(),
  max_drawdown: z.number().min(0).optional(),
  min_win_rate: z.number().min(0).max(1).optional(),
  max_fee_share: z.number().min(0).optional(),
  min_average_win: z.number().optional(),
});

const search = {
  parameters: z.record(z.string(), WrittenParameterSchema).optional(),
  /** The predecessor's word for the same. */
  optimize_params: z.record(z.string(), WrittenParameterSchema).optional(),
  constraints: z.array(z.string()).optional(),
  result_constraints: z.array(z.string()).optional(),
  objective: z.string().optional(),
  objectives: z.array(z.string()).min(1).optional(),
  periods: z.array(z.enum(PERIODS)).min(1).optional(),
  sampler: z
    .union([
      SamplerNameSchema,
      z.strictObject({ name: SamplerNameSchema, startup_trials: z.int().min(1).optional(), population_size: z.int().min(2).optional() }),
    ])
    .optional(),
  trials: z.int().min(1).optional(),
  seed: z.int().min(0).optional(),
  success_criteria: SuccessCriteriaSchema.optional(),
  equity_floor: z.number().gt(0).lt(1).optional(),
};

export const StudyFileSchema = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  strategy: z.strictObject({
    name: z.string().min(1).optional(),
    /** Of a strategy on candles: beside the study file, or its file name in the workspace's strategies. */
    file: z.string().min(1).optional(),
    lean_project_path: z.string().optional(),
    config: z.record(z.string(), z.json()).optional(),
    files: z.array(z.string()).optional(),
  }),
  data: z
    .strictObject({
      from: z.string().optional(),
      to: z.string().optional(),
      interval: z.string().optional(),
      symbol: z.string().min(1).optional(),
      symbols: z.array(z.string().min(1)).min(1).optional(),
      timeframe: z.string().optional(),
      caller_groups: z.array(z.string()).optional(),
      allow_partial: z.boolean().optional(),
      max_hold_hrs: z.number().gt(0).optional(),
    })
    .optional(),
  simulator_config: CapitalSimulatorConfigSchema.partial().optional(),
  /** Of strategies on candles: above what the strategy says. */
  simulation: SimulationSettingsSchema.optional(),
  ...search,
  optimization: z.strictObject(search).optional(),
});
export type StudyFile = z.infer<typeof StudyFileSchema>;
export type SuccessCriteria = z.infer<typeof SuccessCriteriaSchema>;

/**
 * Search over a space of parameters: what the engine is asked to suggest and to evaluate, a block of trials at a time.
 * Only the subset of Zod that survives the way to JSON Schema may be used here.
 */
import { z } from 'zod';
import { SliceRefSchema } from './v1-baseline.ts';

const name = z.string().min(1);
export const ScalarSchema = z.union([z.number(), z.string(), z.boolean()]);

export const ConditionSchema = z
  .strictObject({ parameter: name, values: z.array(ScalarSchema).min(1) })
  .meta({ id: 'ParameterCondition', description: 'The parameter that carries this exists only while `parameter` has one of `values`.' });
const when = { when: z.array(ConditionSchema).default([]) };

export const ParameterSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('float'), name, low: z.number(), high: z.number(), log: z.boolean().default(false), ...when })
      .meta({ id: 'FloatParameter', description: 'Any number in [low, high], on a logarithmic scale if `log`.' }),
    z
      .strictObject({ kind: z.literal('int'), name, low: z.int(), high: z.int(), log: z.boolean().default(false), ...when })
      .meta({ id: 'IntParameter', description: 'Any whole number in [low, high].' }),
    z
      .strictObject({ kind: z.literal('range'), name, start: z.number(), step: z.number(), count: z.int().min(1), ...when })
      .meta({ id: 'RangeParameter', description: 'start + i * step for i in 0..count-1; whole numbers if start and step are.' }),
    z
      .strictObject({ kind: z.literal('categorical'), name, values: z.array(ScalarSchema).min(1), ...when })
      .meta({ id: 'CategoricalParameter', description: 'One of the values, without an order.' }),
  ])
  .meta({ id: 'Parameter', description: 'One axis of a search space.' });

export const TokenSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('number'), value: z.number() }).meta({ id: 'NumberToken', description: 'A constant.' }),
    z.strictObject({ kind: z.literal('name'), name }).meta({ id: 'NameToken', description: 'The value of a parameter or a figure.' }),
    z
      .strictObject({ kind: z.literal('operator'), operator: z.enum(['+', '-', '*', '/', 'negate', '<', '<=', '>', '>=', '==', '!=', 'and', 'or', 'not']) })
      .meta({ id: 'OperatorToken', description: 'Takes its one (negate, not) or two operands from the stack.' }),
  ])
  .meta({ id: 'Token', description: 'One step of an expression in postfix order.' });

export const ConstraintSchema = z
  .strictObject({ text: z.string(), tokens: z.array(TokenSchema).min(1) })
  .meta({ id: 'Constraint', description: 'A condition between parameters, such as `fast < slow`, as written and in postfix order. One whose parameter does not exist in a trial holds.' });

export const SearchSpaceSchema = z
  .strictObject({ parameters: z.array(ParameterSchema).min(1), constraints: z.array(ConstraintSchema).default([]) })
  .meta({ id: 'SearchSpace', description: 'Parameters in the order of the study file; grid order has the first one outermost.' });

export const SAMPLER_NAMES = ['grid', 'random', 'quasi_random', 'bayesian', 'evolutionary', 'cma_es'] as const;
export const SamplerSchema = z
  .strictObject({
    name: z.enum(SAMPLER_NAMES),
    startup_trials: z.int().min(1).default(20),
    population_size: z.int().min(2).default(50),
  })
  .meta({
    id: 'Sampler',
    description: '`startup_trials`: random trials before a model is trusted (bayesian). `population_size`: trials of a generation (evolutionary, cma_es).',
  });

export const TrialParamsSchema = z
  .strictObject({ number: z.int().min(0), params: z.record(z.string(), ScalarSchema) })
  .meta({ id: 'TrialParams', description: 'The parameters of trial `number`.' });

export const PastTrialSchema = z
  .strictObject({ number: z.int().min(0), params: z.record(z.string(), ScalarSchema), values: z.array(z.number().nullable()).nullable(), is_feasible: z.boolean().default(true) })
  .meta({ id: 'PastTrial', description: 'A recorded trial: one value per objective (null: undefined), or null if it failed. `is_feasible`: meets the constraints on results.' });

export const SuggestRequestSchema = z
  .strictObject({
    operation: z.literal('suggest'),
    space: SearchSpaceSchema,
    sampler: SamplerSchema,
    seed: z.int().min(0),
    objectives: z.int().min(1),
    first: z.int().min(0),
    count: z.int().min(1),
    history: z.array(PastTrialSchema).default([]),
  })
  .meta({
    id: 'SuggestRequest',
    description:
      'Parameters for trials [first, first + count): a function of space, sampler, seed, first, count and history alone. Samplers without a model ignore the history; the others get all trials of complete blocks, in order. All objectives are maximised.',
  });
export const SuggestResultSchema = z
  .strictObject({ trials: z.array(TrialParamsSchema), is_exhausted: z.boolean(), space_size: z.number().nullable() })
  .meta({ id: 'SuggestResult', description: 'Fewer trials than asked for: the space has no more (`is_exhausted`). `space_size`: number of combinations, null if it is infinite.' });

export const ImportanceRequestSchema = z
  .strictObject({ operation: z.literal('importance'), space: SearchSpaceSchema, trials: z.array(PastTrialSchema), objectives: z.int().min(1) })
  .meta({
    id: 'ImportanceRequest',
    description:
      'How much each parameter matters for reaching the best tenth of complete trials, by each objective alone. Feasible or not makes no difference. All objectives are maximised.',
  });
export const ObjectiveImportanceSchema = z
  .strictObject({
    importance: z.record(z.string(), z.number()).nullable(),
    reason: z.enum(['too_few_trials', 'no_variance', 'no_effect']).nullable(),
    trials: z.int().min(0),
  })
  .meta({
    id: 'ObjectiveImportance',
    description:
      'Parameter → share in [0, 1], all together 1, or null and the reason. `trials`: how many had a value of this objective. A parameter that fewer than two of them have is left out.',
  });
export const ImportanceResultSchema = z
  .strictObject({ objectives: z.array(ObjectiveImportanceSchema) })
  .meta({ id: 'ImportanceResult', description: 'In the order of the values of the trials.' });

/** Counted back from the end of the data. Without an id: an enum member of Python cannot start with a digit. */
export const PeriodSchema = z.enum(['30d', '90d', '1y', 'all']);
const figures = z.record(z.string(), z.number().nullable());
export const PeriodFiguresSchema = z
  .strictObject({ period: PeriodSchema, metrics: figures, objectives: figures, null_reasons: z.record(z.string(), z.string()) })
  .meta({ id: 'PeriodFigures', description: 'All figures of one period; an undefined one is null and has a reason.' });

export const StrategyRefSchema = z
  .strictObject({ name, config: z.record(z.string(), z.json()).default({}), files: z.array(z.string()).default([]) })
  .meta({ id: 'StrategyRef', description: 'A strategy of the registry with its fixed settings. `files`: Python files whose strategies are registered first.' });

export const TimeRangeSchema = z
  .strictObject({ from_ms: z.int().nullable().default(null), to_ms: z.int().nullable().default(null) })
  .meta({ id: 'TimeRange', description: 'Half-open, Unix milliseconds of candle openings; null: open. Candles before it only warm indicators up.' });

export const EvaluateRequestSchema = z
  .strictObject({
    operation: z.literal('evaluate'),
    strategy: StrategyRefSchema,
    slice: SliceRefSchema.nullable().default(null),
    range: TimeRangeSchema.nullable().default(null),
    trials: z.array(TrialParamsSchema).min(1),
    objectives: z.array(z.string()).min(1),
    periods: z.array(PeriodSchema).min(1),
    equity_floor: z.number().nullable().default(null),
  })
  .meta({ id: 'EvaluateRequest', description: 'Evaluate trials, each on its own. `range`: for strategies on candles only. Equity below `equity_floor` (fraction of the initial capital) prunes a trial.' });

export const TrialErrorSchema = z
  .strictObject({ code: z.string(), message: z.string(), traceback: z.string().nullable() })
  .meta({ id: 'TrialError', description: 'Why a trial failed: a code of the catalogue, what was expected and found, and where a strategy raised.' });

export const EvaluatedTrialSchema = z
  .strictObject({
    number: z.int().min(0),
    state: z.enum(['complete', 'pruned', 'failed']),
    figures: z.array(PeriodFiguresSchema),
    error: TrialErrorSchema.nullable(),
  })
  .meta({ id: 'EvaluatedTrial', description: 'A trial that raised is `failed` and keeps its error; the others of the request are not affected.' });
export const EvaluateResultSchema = z
  .strictObject({ trials: z.array(EvaluatedTrialSchema) })
  .meta({ id: 'EvaluateResult', description: 'In the order of the request.' });

export type SearchSpace = z.infer<typeof SearchSpaceSchema>;
export type Parameter = z.infer<typeof ParameterSchema>;
export type Constraint = z.infer<typeof ConstraintSchema>;
export type Token = z.infer<typeof TokenSchema>;
export type Sampler = z.infer<typeof SamplerSchema>;
export type TrialParams = z.infer<typeof TrialParamsSchema>;
export type PastTrial = z.infer<typeof PastTrialSchema>;
export type ObjectiveImportance = z.infer<typeof ObjectiveImportanceSchema>;
export type EvaluatedTrial = z.infer<typeof EvaluatedTrialSchema>;
export type StrategyRef = z.infer<typeof StrategyRefSchema>;
export type TimeRange = z.infer<typeof TimeRangeSchema>;

/**
 * V1 baseline on calls: what goes to the engine and what comes back (docs/assumptions.md, calls).
 * Field names are those of the predecessors' documents, in snake_case on both sides of the wire.
 * Only the subset of Zod that survives the way to JSON Schema may be used here: no refinements, no transforms.
 */
import { z } from 'zod';

const fraction = z.number().gt(0).max(1);
const money = z.number().gt(0);
const count = z.int().min(0);

export const CallSchema = z
  .strictObject({ id: z.string().min(1), mint: z.string().min(1), caller: z.string().min(1), ts_ms: z.int().min(0) })
  .meta({ id: 'Call', description: 'A dated recommendation by a caller. `mint` is the token address or any instrument id; `ts_ms` is Unix milliseconds.' });

export const CandleSchema = z
  .strictObject({ timestamp: z.int().min(0), open: z.number(), high: z.number(), low: z.number(), close: z.number(), volume: z.number() })
  .meta({ id: 'Candle', description: 'One candle; `timestamp` is its opening time in Unix seconds. Prices are checked when the series is loaded.' });

const trailPct = z.number().gt(0).lt(1);
export const TrailingStopSchema = z
  .strictObject({ activation_mult: z.number().min(1).default(1), trail_pct: trailPct })
  .meta({ id: 'TrailingStop', description: 'A stop at peak × (1 - `trail_pct`), in force once the peak is at or above entry price × `activation_mult`.' });
export const BreakEvenStopSchema = z
  .strictObject({ trigger_mult: z.number().gt(1) })
  .meta({ id: 'BreakEvenStop', description: 'A stop at the entry price, in force after a candle has reached entry price × `trigger_mult`.' });
export const LadderRungSchema = z
  .strictObject({ mult: z.number().gt(1), fraction: z.number().gt(0).max(1) })
  .meta({ id: 'LadderRung', description: 'A part of the position (fraction of its size) that is sold at entry price × `mult`.' });
export const TargetStepSchema = z
  .strictObject({ after_hrs: z.number().gt(0), tp_mult: z.number().gt(1) })
  .meta({ id: 'TargetStep', description: 'The target from `after_hrs` hours after entry on, instead of the one before.' });

export const V1BaselineParamsSchema = z
  .strictObject({
    tp_mult: z.number().gt(1),
    sl_mult: z.number().min(0).lt(1),
    max_hold_hrs: z.number().gt(0).default(48),
    trailing: TrailingStopSchema.optional(),
    break_even: BreakEvenStopSchema.optional(),
    ladder: z.array(LadderRungSchema).min(1).optional(),
    target_decay: z.array(TargetStepSchema).min(1).optional(),
  })
  .meta({
    id: 'V1BaselineParams',
    description:
      'Target and stop as multiples of the entry price, and the longest holding time in hours. The other exits are off when they are absent. `ladder`: rungs rising, fractions of 1 in sum at most. `target_decay`: steps in order of time.',
  });

export const V1BaselineGridSchema = z
  .strictObject({
    tp_mults: z.array(z.number().gt(1)).min(1).default([1.5, 2, 2.5, 3, 4, 5]),
    sl_mults: z.array(z.number().min(0).lt(1)).min(1).default([0.85, 0.88, 0.9, 0.92, 0.95]),
    max_hold_hrs: z.array(z.number().gt(0)).min(1).default([48]),
    trail_activation_mults: z.array(z.number().min(1)).min(1).optional(),
    trail_pcts: z.array(trailPct.nullable()).min(1).optional(),
    break_even_mults: z.array(z.number().gt(1).nullable()).min(1).optional(),
    ladders: z.array(z.array(LadderRungSchema).nullable()).min(1).optional(),
    target_decays: z.array(z.array(TargetStepSchema).nullable()).min(1).optional(),
  })
  .meta({
    id: 'V1BaselineGrid',
    description:
      'The axes of the search. Grid order: target outermost, then stop, holding time, trail activation (1 if absent), trail, break-even, ladder, target decay. null in a list: without this exit; an absent axis: only without.',
  });

export const IntrabarSchema = z.enum(['stop_first', 'target_first']).meta({ id: 'Intrabar', description: 'Which level counts first when one candle touches both.' });
export const GapFillSchema = z.enum(['worse', 'open', 'level']).meta({ id: 'GapFill', description: 'The fill price when a candle opens beyond a level.' });

export const CapitalSimulatorConfigSchema = z
  .strictObject({
    initial_capital: money.default(10_000),
    max_allocation_pct: fraction.default(0.04),
    max_risk_per_trade: money.default(200),
    max_concurrent_positions: z.int().min(1).default(25),
    min_executable_size: z.number().min(0).default(10),
    taker_fee_bps: z.number().min(0).default(30),
    slippage_bps: z.number().min(0).default(10),
    intrabar: IntrabarSchema.default('stop_first'),
    gap_fill: GapFillSchema.default('worse'),
  })
  .meta({
    id: 'CapitalSimulatorConfig',
    description: 'Capital, sizing, costs and fill rules. `max_risk_per_trade` of 1 or more is money, below 1 a fraction of equity at cost. `max_allocation_pct` is a fraction of free cash.',
  });

export const ExtremeLimitsSchema = z
  .strictObject({ min_sl_mult: z.number().default(0.88), max_tp_mult: z.number().default(4) })
  .meta({ id: 'ExtremeLimits', description: 'A best stop below `min_sl_mult` or a best target above `max_tp_mult` counts as extreme.' });

export const SliceRefSchema = z
  .strictObject({ path: z.string().min(1), id: z.string().min(1) })
  .meta({ id: 'SliceRef', description: 'An immutable slice on disk: its folder, and the hash of its content that names it.' });

/** Where the market comes from: a slice on disk, or calls and candles inside the request (the one-shot form). Exactly one of both. */
const market = {
  slice: SliceRefSchema.optional(),
  calls: z.array(CallSchema).optional(),
  candles_by_call_id: z.record(z.string(), z.array(CandleSchema)).optional(),
};
const search = {
  ...market,
  param_grid: V1BaselineGridSchema.prefault({}),
  simulator_config: CapitalSimulatorConfigSchema.prefault({}),
  caller_groups: z.array(z.string()).default([]),
  include_trades: z.boolean().default(false),
  workers: z.int().min(1).optional(),
  verbose: z.boolean().default(false),
};

export const SimulateRequestSchema = z
  .strictObject({
    operation: z.literal('simulate'),
    ...market,
    params: V1BaselineParamsSchema,
    simulator_config: CapitalSimulatorConfigSchema.prefault({}),
    caller_groups: z.array(z.string()).default([]),
  })
  .meta({ id: 'SimulateRequest', description: 'One set of parameters on all calls with one finite capital.' });
export const OptimizeRequestSchema = z
  .strictObject({ operation: z.literal('optimize'), ...search })
  .meta({ id: 'OptimizeRequest', description: 'Every combination of the grid with its own fresh capital, ranked by final capital.' });
export const OptimizePerCallerRequestSchema = z
  .strictObject({ operation: z.literal('optimize_per_caller'), ...search, extreme_limits: ExtremeLimitsSchema.prefault({}) })
  .meta({ id: 'OptimizePerCallerRequest', description: 'Each caller alone with the full initial capital.' });
export const GroupedEvaluationRequestSchema = z
  .strictObject({
    operation: z.literal('grouped_evaluation'),
    ...search,
    extreme_limits: ExtremeLimitsSchema.prefault({}),
    filter_collapsed: z.boolean().default(true),
    filter_extreme: z.boolean().default(true),
  })
  .meta({ id: 'GroupedEvaluationRequest', description: 'Callers that pass the filters, together on one shared capital, with the mean of their best parameters.' });

export const RANK_FIGURES = ['expectancy', 'win_rate', 'profit_factor', 'sharpe_per_trade'] as const;
export const RankFigureSchema = z
  .enum(RANK_FIGURES)
  .meta({ id: 'RankFigure', description: 'What a ranking goes by: mean net return of a trade, share of winners, gains over losses, mean over standard deviation.' });
export const RankRequestSchema = z
  .strictObject({
    operation: z.literal('rank'),
    ...market,
    param_grid: V1BaselineGridSchema.prefault({}),
    simulator_config: CapitalSimulatorConfigSchema.prefault({}),
    caller_groups: z.array(z.string()).default([]),
    rank_by: RankFigureSchema.default('expectancy'),
    limit: z.int().min(1).max(10_000).default(1000),
    workers: z.int().min(1).optional(),
  })
  .meta({
    id: 'RankRequest',
    description: 'Every combination of a grid without ladders, each trade on its own: capital, sizes and places are ignored, only costs, `intrabar` and `gap_fill` of the simulator count.',
  });

export const ExitReasonSchema = z.enum(['take_profit', 'stop_loss', 'break_even', 'trailing_stop', 'time_exit', 'end_of_data']).meta({ id: 'ExitReason', description: 'Why a position was closed.' });
export const SkipReasonSchema = z
  .enum(['no_candles', 'no_entry', 'max_concurrent_positions', 'insufficient_capital'])
  .meta({ id: 'SkipReason', description: 'Why a call was not traded.' });

export const TradeLegSchema = z
  .strictObject({ ts_ms: z.int(), px: z.number(), fraction: z.number(), reason: ExitReasonSchema })
  .meta({ id: 'TradeLeg', description: 'A part of a position that left at its own time: the opening time of that candle, price, fraction of the size, reason.' });
export const TradeExecutionSchema = z
  .strictObject({
    call_id: z.string(),
    entry_ts_ms: z.int(),
    exit_ts_ms: z.int(),
    entry_px: z.number(),
    exit_px: z.number(),
    size: z.number(),
    pnl: z.number(),
    exit_reason: ExitReasonSchema,
    exit_mult: z.number(),
    legs: z.array(TradeLegSchema),
  })
  .meta({
    id: 'TradeExecution',
    description:
      'One closed round trip; `size` and `pnl` in money, `exit_mult` is exit price over entry price. With a ladder `legs` are its parts in order; then time and reason are those of the last, price and multiple the means weighted by fraction.',
  });
export const SkippedCallSchema = z.strictObject({ call_id: z.string(), reason: SkipReasonSchema }).meta({ id: 'SkippedCall', description: 'A call that was not traded, and why.' });

export const CapitalCurveSchema = z
  .strictObject({ ts_ms: z.array(z.int()), equity: z.array(z.number()) })
  .meta({ id: 'CapitalCurve', description: 'Equity at cost (free cash plus the sizes of open positions) whenever it changes; the first point is the initial capital at the first call.' });

export const CapitalSimulationResultSchema = z
  .strictObject({
    final_capital: z.number(),
    total_return: z.number(),
    trades_executed: count,
    trades_skipped: count,
    completed_trades: z.array(TradeExecutionSchema),
    skipped_calls: z.array(SkippedCallSchema),
    capital_curve: CapitalCurveSchema,
    max_drawdown: z.number(),
    ambiguous_exits: count,
  })
  .meta({
    id: 'CapitalSimulationResult',
    description:
      'Trades in order of (release time, order of opening). `max_drawdown` is the deepest fall of the capital curve from its peak, as a fraction. `ambiguous_exits` counts trades whose exit candle touched both levels, so that `intrabar` decided.',
  });

const summary = { final_capital: z.number(), total_return: z.number(), trades_executed: count, trades_skipped: count };
export const CapitalSummarySchema = z.strictObject(summary).meta({ id: 'CapitalSummary', description: 'The outcome of one combination without its trades.' });
export const RankedResultSchema = z
  .strictObject({ params: V1BaselineParamsSchema, result: CapitalSummarySchema })
  .meta({ id: 'RankedResult', description: 'A combination of the grid and its outcome.' });

export const BestPlateauSchema = z
  .strictObject({ params: V1BaselineParamsSchema, score: z.number(), own_final_capital: z.number(), cells: count })
  .meta({
    id: 'BestPlateau',
    description:
      'The combination whose neighbourhood is best: `score` is the mean final capital of the `cells` at most one step away on every numeric axis, itself included. Ties go to the earlier grid position.',
  });
const bounds = z.array(z.number());
export const GridOverviewSchema = z
  .strictObject({ tp_from: bounds, tp_to: bounds, sl_from: bounds, sl_to: bounds, best_final_capital: z.array(z.number()), trades_executed: z.array(count) })
  .meta({
    id: 'GridOverview',
    description:
      'A large grid in buckets of neighbouring targets and stops, rising, target outermost: the best final capital of all combinations of a bucket whatever their other parameters, and the trades of that combination.',
  });

const best = {
  best_params: V1BaselineParamsSchema,
  best_final_capital: z.number(),
  best_total_return: z.number(),
  trades_executed: count,
  trades_skipped: count,
  skipped_by_reason: z.record(z.string(), count),
  params_evaluated: count,
  best_plateau: BestPlateauSchema,
  grid_final_capital: z.array(z.number()).nullable(),
  grid_trades_executed: z.array(count).nullable(),
  grid_overview: GridOverviewSchema.nullable(),
  best_result: CapitalSimulationResultSchema.nullable(),
};

export const V1BaselineOptimizationResultSchema = z
  .strictObject({ ...best, all_results: z.array(RankedResultSchema) })
  .meta({
    id: 'V1BaselineOptimizationResult',
    description:
      'Best combination and the whole grid: `grid_final_capital` and `grid_trades_executed` in grid order, or above 20,000 combinations null and `grid_overview` instead; `all_results` ranked by final capital (ties: earlier grid position; at most 10,000 rows). `best_result` has the trades if `include_trades`.',
  });
export const V1BaselinePerCallerResultSchema = z
  .strictObject({ caller: z.string(), order: count, calls: count, ...best, collapsed_capital: z.boolean(), requires_extreme_params: z.boolean(), no_trades: z.boolean() })
  .meta({ id: 'V1BaselinePerCallerResult', description: 'The best combination of one caller. `order` is the order of first appearance.' });
export const V1BaselinePerCallerResultsSchema = z
  .record(z.string(), V1BaselinePerCallerResultSchema)
  .meta({ id: 'V1BaselinePerCallerResults', description: 'The best combination of each caller, by name, in order of first appearance.' });
export const CallerExclusionSchema = z
  .enum(['collapsed_capital', 'requires_extreme_params', 'no_trades'])
  .meta({ id: 'CallerExclusion', description: 'Why a caller is not part of the group.' });
export const ExcludedCallerSchema = z.strictObject({ caller: z.string(), reasons: z.array(CallerExclusionSchema) }).meta({ id: 'ExcludedCaller', description: 'A caller left out of the group.' });
export const V1BaselineGroupedResultSchema = z
  .strictObject({
    per_caller_results: V1BaselinePerCallerResultsSchema,
    selected_callers: z.array(z.string()),
    excluded_callers: z.array(ExcludedCallerSchema),
    grouped_params: V1BaselineParamsSchema.nullable(),
    grouped_result: CapitalSimulationResultSchema.nullable(),
  })
  .meta({ id: 'V1BaselineGroupedResult', description: 'The group on shared capital; params and result are null when no caller passed the filters.' });

export const RankedTradesSchema = z
  .strictObject({
    params: V1BaselineParamsSchema,
    expectancy: z.number(),
    win_rate: z.number(),
    gross_profit: z.number(),
    gross_loss: z.number(),
    profit_factor: z.number().nullable(),
    sharpe_per_trade: z.number().nullable(),
    mean_hold_hrs: z.number(),
  })
  .meta({
    id: 'RankedTrades',
    description:
      'Figures of net returns after costs, all in units of one position: mean, share above zero, sum of gains, sum of losses (positive), their ratio (null without losses), mean over standard deviation (null without variation), mean time from entry to exit candle.',
  });
export const V1BaselineRankingSchema = z
  .strictObject({ basis: z.enum(['each_trade_on_its_own']), rank_by: RankFigureSchema, params_evaluated: count, trades: count, ranked: z.array(RankedTradesSchema) })
  .meta({
    id: 'V1BaselineRanking',
    description:
      'A ranking that ignores capital: each of the `trades` on its own, the same for every combination. Best first, undefined figures last, ties to the earlier grid position.',
  });

export type Call = z.infer<typeof CallSchema>;
export type Candle = z.infer<typeof CandleSchema>;
export type V1BaselineParams = z.infer<typeof V1BaselineParamsSchema>;
export type V1BaselineGrid = z.infer<typeof V1BaselineGridSchema>;
export type CapitalSimulatorConfig = z.infer<typeof CapitalSimulatorConfigSchema>;
export type ExtremeLimits = z.infer<typeof ExtremeLimitsSchema>;
export type SliceRef = z.infer<typeof SliceRefSchema>;
export type ExitReason = z.infer<typeof ExitReasonSchema>;
export type SkipReason = z.infer<typeof SkipReasonSchema>;
export type TradeExecution = z.infer<typeof TradeExecutionSchema>;
export type SkippedCall = z.infer<typeof SkippedCallSchema>;
export type CapitalSimulationResult = z.infer<typeof CapitalSimulationResultSchema>;
export type V1BaselineOptimizationResult = z.infer<typeof V1BaselineOptimizationResultSchema>;
export type V1BaselinePerCallerResult = z.infer<typeof V1BaselinePerCallerResultSchema>;
export type V1BaselinePerCallerResults = z.infer<typeof V1BaselinePerCallerResultsSchema>;
export type V1BaselineGroupedResult = z.infer<typeof V1BaselineGroupedResultSchema>;
export type LadderRung = z.infer<typeof LadderRungSchema>;
export type TargetStep = z.infer<typeof TargetStepSchema>;
export type TradeLeg = z.infer<typeof TradeLegSchema>;
export type BestPlateau = z.infer<typeof BestPlateauSchema>;
export type GridOverview = z.infer<typeof GridOverviewSchema>;
export type RankFigure = z.infer<typeof RankFigureSchema>;
export type RankedTrades = z.infer<typeof RankedTradesSchema>;
export type V1BaselineRanking = z.infer<typeof V1BaselineRankingSchema>;
export type RankRequest = z.input<typeof RankRequestSchema>;
export type SimulateRequest = z.input<typeof SimulateRequestSchema>;
export type OptimizeRequest = z.input<typeof OptimizeRequestSchema>;
export type OptimizePerCallerRequest = z.input<typeof OptimizePerCallerRequestSchema>;
export type GroupedEvaluationRequest = z.input<typeof GroupedEvaluationRequestSchema>;

/**
 * Strategies on candles: one backtest, what a strategy is, and whether it looks ahead.
 * Only the subset of Zod that survives the way to JSON Schema may be used here.
 */
import { z } from 'zod';
import { CandleStrategyConfigSchema } from './rule-strategy.ts';
import { ParameterSchema, PeriodFiguresSchema, PeriodSchema, ScalarSchema, StrategyRefSchema, TimeRangeSchema } from './search.ts';
import { SliceRefSchema } from './v1-baseline.ts';

const name = z.string().min(1);
const count = z.int().min(0);
const numbers = z.array(z.number());
const counts = z.array(z.int());
const optionalNumbers = z.array(z.number().nullable());

export const BacktestRequestSchema = z
  .strictObject({
    operation: z.literal('backtest'),
    strategy: StrategyRefSchema,
    slice: SliceRefSchema,
    params: z.record(z.string(), ScalarSchema).default({}),
    range: TimeRangeSchema.nullable().default(null),
    periods: z.array(PeriodSchema).min(1).default(['all']),
    objectives: z.array(z.string()).default([]),
    curve_points: z.int().min(2).max(1_000_000).default(4000),
  })
  .meta({
    id: 'BacktestRequest',
    description:
      'One strategy on the candles of a slice, all its series on one account. Candles before `range` only warm indicators up. `params` replace defaults. Curves longer than `curve_points` are reduced; figures never are.',
  });

export const CandleTradesSchema = z
  .strictObject({
    symbol: counts,
    direction: counts,
    entry_ts_ms: counts,
    exit_ts_ms: counts,
    units: numbers,
    entry_px: numbers,
    exit_px: numbers,
    pnl: numbers,
    net_return: numbers,
    costs: numbers,
    mae: numbers,
    mfe: numbers,
    reason: z.array(z.string()),
  })
  .meta({
    id: 'CandleTrades',
    description:
      'Positions from flat to flat in order of opening, as columns. `symbol`: position in `symbols`. `direction`: 1 long, -1 short. `pnl`: money net of `costs`; `net_return`: pnl over the money put in. `mae`, `mfe`: worst and best price seen, fractions of the entry price. `reason`: of the last exit, `open` if only valued at the end.',
  });

export const CandleFillsSchema = z
  .strictObject({ trade: counts, symbol: counts, side: counts, ts_ms: counts, units: numbers, px: numbers, fee: numbers, reason: z.array(z.string()) })
  .meta({ id: 'CandleFills', description: 'Fills in the order in which they happened. `side`: 1 bought, -1 sold. `trade`: row of the trades. `px` includes slippage.' });

export const ShortfallsSchema = z
  .strictObject({ ts_ms: counts, symbol: counts, direction: counts, reason: z.array(z.string()), asked: numbers, given: numbers })
  .meta({ id: 'EntryShortfalls', description: 'Entry orders that were reduced (`given` above 0) or not filled, money; the first 1,000 of them.' });

export const EquityCurveSchema = z
  .strictObject({
    ts_ms: counts,
    equity: numbers,
    drawdown: numbers,
    exposure: numbers,
    benchmark: optionalNumbers,
    is_reduced: z.boolean(),
  })
  .meta({
    id: 'EquityCurve',
    description:
      'The account at the close of candles; `ts_ms` is the end of the candle, the first point the start with the initial capital. `drawdown`: 0 or less, fraction of the highest equity before, of all candles since the last point the deepest. `exposure`: value of open positions over equity. `benchmark`: the initial capital bought and held, in equal parts, null before a symbol has a price. Reduced curves keep the lowest, highest and last point of each stretch.',
  });

export const MonthlyReturnSchema = z
  .strictObject({ month: z.string(), net_return: z.number() })
  .meta({ id: 'MonthlyReturn', description: 'Change of equity over a UTC month such as `2024-02`; the first and last may be incomplete.' });

export const SymbolSummarySchema = z
  .strictObject({ symbol: name, interval_s: z.int().min(1), candles: count, first_ts_ms: z.int(), last_ts_ms: z.int(), warm_up_candles: count, entry_signals: count, exit_signals: count, conflicts: count, trades: count, pnl: z.number() })
  .meta({
    id: 'SymbolSummary',
    description: 'One symbol of a backtest. `warm_up_candles`: what rules and indicators need before they speak; `conflicts`: candles that asked for both directions and so for neither.',
  });

export const BacktestResultSchema = z
  .strictObject({
    strategy: name,
    parameters: z.record(z.string(), ScalarSchema),
    rules: z.record(z.string(), z.json()),
    symbols: z.array(SymbolSummarySchema),
    figures: z.array(PeriodFiguresSchema),
    trades: CandleTradesSchema,
    fills: CandleFillsSchema,
    shortfall_counts: z.record(z.string(), count),
    shortfalls: ShortfallsSchema,
    curve: EquityCurveSchema,
    monthly_returns: z.array(MonthlyReturnSchema),
    ambiguous_fills: count,
    above_top_rung: count,
    notes: z.array(z.string()),
  })
  .meta({
    id: 'BacktestResult',
    description:
      'Outcome of one backtest. `rules`: every policy it was made with. `ambiguous_fills`: how often `intrabar` or the unknown order inside a candle decided. `above_top_rung`: fills larger than the top rung of the swap costs. `notes`: what a trader should know before believing the figures.',
  });

export const DescribeStrategyRequestSchema = z
  .strictObject({ operation: z.literal('describe_strategies'), files: z.array(z.string()).default([]), rules: CandleStrategyConfigSchema.nullable().default(null) })
  .meta({
    id: 'DescribeStrategiesRequest',
    description: 'What the strategies of Python files and, if given, one strategy of rules are. Nothing is simulated; rules are checked on invented candles, so that unknown names and bad parameters show.',
  });
export const StrategyDescriptionSchema = z
  .strictObject({
    name,
    kind: z.enum(['rules', 'python', 'trial_function']),
    file: z.string().nullable(),
    summary: z.string(),
    parameters: z.record(z.string(), ScalarSchema),
    space: z.array(ParameterSchema),
    warm_up_candles: count.nullable(),
    indicators: z.array(z.string()),
    rules: z.record(z.string(), z.json()),
  })
  .meta({
    id: 'StrategyDescription',
    description: '`parameters`: defaults. `space`: what a study searches if its file does not say. `trial_function`: a function that reports figures itself. `rules`: simulation settings after defaults.',
  });
export const StrategyProblemSchema = z
  .strictObject({ file: z.string().nullable(), code: z.string(), message: z.string(), traceback: z.string().nullable() })
  .meta({ id: 'StrategyProblem', description: 'A file that could not be used, and why; the others are not affected.' });
export const DescribeStrategiesResultSchema = z
  .strictObject({ strategies: z.array(StrategyDescriptionSchema), problems: z.array(StrategyProblemSchema) })
  .meta({ id: 'DescribeStrategiesResult', description: 'In the order of the files.' });

export const CheckStrategyRequestSchema = z
  .strictObject({
    operation: z.literal('check_strategy'),
    strategy: StrategyRefSchema,
    slice: SliceRefSchema,
    params: z.record(z.string(), ScalarSchema).default({}),
    cuts: z.int().min(1).max(200).default(20),
  })
  .meta({ id: 'CheckStrategyRequest', description: 'Computes a strategy on all candles and on candles cut at `cuts` places, and compares what was known before each cut.' });
export const LookAheadFindingSchema = z
  .strictObject({ kind: z.enum(['indicator', 'signal', 'rule', 'fill']), name, symbol: name, cut_ts_ms: z.int(), changed_ts_ms: z.int(), message: z.string() })
  .meta({ id: 'LookAheadFinding', description: 'Something whose past changes when the future is cut off: `changed_ts_ms` is the first candle before the cut that differs.' });
export const CheckStrategyResultSchema = z
  .strictObject({ findings: z.array(LookAheadFindingSchema), checked: z.array(z.string()), candles: count, cuts: count, entry_signals: count, warm_up_candles: count })
  .meta({ id: 'CheckStrategyResult', description: '`checked`: everything that was compared. No findings: nothing looked ahead at these cuts.' });

export type BacktestRequest = z.input<typeof BacktestRequestSchema>;
export type BacktestResult = z.infer<typeof BacktestResultSchema>;
export type StrategyDescription = z.infer<typeof StrategyDescriptionSchema>;
export type CheckStrategyResult = z.infer<typeof CheckStrategyResultSchema>;

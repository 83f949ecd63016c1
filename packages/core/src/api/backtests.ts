/** Backtests of strategies on candles: submit, watch, read results, trades and equity. */
import { z } from 'zod';
import { MonthlyReturnSchema, SymbolSummarySchema } from '../engine/candle-backtest.ts';
import { SimulationSettingsSchema } from '../engine/rule-strategy.ts';
import { PeriodFiguresSchema } from '../engine/search.ts';
import { JOB_STATES } from '../job/job.ts';
import { ParameterValueSchema, PERIODS } from '../study/study.ts';
import {
  IdParamsSchema,
  IdSchema,
  IsoTimeSchema,
  JsonObjectSchema,
  NameSchema,
  pageFields,
  pageOf,
  StrategyTitleSchema,
  SymbolSchema,
  TimeframeSchema,
  TimeSchema,
} from './common.ts';
import { defineRoute } from './contract.ts';
import { CancelledSchema, jobListFields, JobPageSchema, PrioritySchema } from './jobs.ts';

/** Parameters in requests: names and plain values, bounded. */
export const ParamsSchema = z
  .record(z.string().min(1).max(100), ParameterValueSchema)
  .refine((params) => Object.keys(params).length <= 64, 'expected at most 64 parameters');

/** Which strategy on which candles: what backtests and searches of the predecessor's form share. */
export const targetFields = {
  strategy_name: StrategyTitleSchema,
  symbol: SymbolSchema.optional(),
  symbols: z.array(SymbolSchema).min(1).max(500).optional(),
  timeframe: TimeframeSchema,
};
const NEEDS_SYMBOL = 'expected symbol or symbols, one of the two';
export function hasOneTarget(body: { readonly symbol?: string | undefined; readonly symbols?: readonly string[] | undefined }): boolean {
  return (body.symbol === undefined) !== (body.symbols === undefined);
}

export const RunBacktestSchema = z
  .strictObject({
    ...targetFields,
    start_date: TimeSchema.optional(),
    end_date: TimeSchema.optional(),
    initial_capital: z.number().positive().max(1e15).optional(),
    params: ParamsSchema.default({}),
    simulation: SimulationSettingsSchema.prefault({}),
    periods: z.array(z.enum(PERIODS)).min(1).max(PERIODS.length).default(['all']),
    objectives: z.array(NameSchema).max(32).default([]),
    name: NameSchema.optional(),
    priority: PrioritySchema,
  })
  .refine(hasOneTarget, NEEDS_SYMBOL)
  .meta({
    id: 'RunBacktest',
    description:
      'A strategy of the workspace on stored candles. Without dates: all candles. `params` replace defaults of the strategy, `simulation` its rules of filling.',
    examples: [
      {
        strategy_name: 'ma_crossover_strategy',
        symbol: 'EURUSD',
        timeframe: '1h',
        start_date: '2024-02-01T00:00:00Z',
        end_date: '2024-02-07T23:59:59Z',
        initial_capital: 10000,
      },
    ],
  });
export type RunBacktest = z.output<typeof RunBacktestSchema>;

export const BacktestStatusSchema = z
  .object({
    backtest_id: IdSchema,
    name: z.string(),
    status: z.enum(JOB_STATES),
    progress_pct: z.number().min(0).max(100).nullable(),
    progress: JsonObjectSchema.nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    created_at: IsoTimeSchema,
    started_at: IsoTimeSchema.nullable(),
    finished_at: IsoTimeSchema.nullable(),
  })
  .meta({ id: 'BacktestStatus', description: '`progress_pct` is null as long as nothing is known of it.' });

export const BacktestResultsSchema = z
  .object({
    backtest_id: IdSchema,
    status: z.enum(JOB_STATES),
    strategy_name: z.string(),
    parameters: z.record(z.string(), ParameterValueSchema),
    rules: JsonObjectSchema,
    symbols: z.array(SymbolSummarySchema),
    total_trades: z.int(),
    winning_trades: z.int(),
    losing_trades: z.int(),
    total_pnl: z.number(),
    signals_generated: z.int(),
    final_equity: z.number().nullable(),
    figures: z.array(PeriodFiguresSchema),
    monthly_returns: z.array(MonthlyReturnSchema),
    shortfall_counts: z.record(z.string(), z.int()),
    ambiguous_fills: z.int(),
    notes: z.array(z.string()),
  })
  .meta({ id: 'BacktestResults', description: 'Figures of a complete backtest. Trades and the equity curve have addresses of their own.' });

export const TradeRowSchema = z
  .object({
    number: z.int(),
    symbol: z.string(),
    direction: z.enum(['long', 'short']),
    entry_time: IsoTimeSchema,
    exit_time: IsoTimeSchema,
    units: z.number(),
    entry_price: z.number(),
    exit_price: z.number(),
    pnl: z.number(),
    net_return: z.number(),
    costs: z.number(),
    mae: z.number(),
    mfe: z.number(),
    reason: z.string(),
  })
  .meta({ id: 'Trade', description: 'A position from flat to flat. `pnl` is net of `costs`; ratios are fractions.' });

export const EquitySchema = z
  .object({
    backtest_id: IdSchema,
    ts_ms: z.array(z.int()),
    equity: z.array(z.number()),
    drawdown: z.array(z.number()),
    exposure: z.array(z.number()),
    benchmark: z.array(z.number().nullable()),
    points_total: z.int(),
    is_reduced: z.boolean(),
  })
  .meta({
    id: 'Equity',
    description:
      'Points in [from, to). More than `px` of them are reduced: of each stretch the first, lowest, highest and last are kept, so that no peak is lost.',
  });

const tag = 'backtests';
const read = { status: 200, role: 'read', tag, method: 'GET' } as const;
const id = { ...read, params: IdParamsSchema } as const;
const RESULT_ERRORS = ['JOB_NOT_FOUND', 'JOB_NOT_COMPLETE', 'CANCELLED', 'FILE_NOT_FOUND'] as const;
const TRADE_SORTS = ['number', 'symbol', 'entry_time', 'exit_time', 'pnl', 'net_return', 'costs', 'mae', 'mfe', 'reason'] as const;

export const BACKTEST_ROUTES = {
  runBacktest: defineRoute({
    id: 'runBacktest',
    method: 'POST',
    path: '/api/backtest/run',
    tag,
    summary: 'Submit a backtest',
    role: 'run',
    body: RunBacktestSchema,
    status: 202,
    response: z.object({ backtest_id: IdSchema, status: z.enum(JOB_STATES) }),
    errors: ['STRATEGY_NOT_FOUND', 'NO_CANDLES', 'LIMIT_EXCEEDED', 'QUEUE_FULL', 'INVALID_STRATEGY'],
  }),
  listBacktests: defineRoute({
    ...read,
    id: 'listBacktests',
    path: '/api/backtests',
    summary: 'Backtests, newest first',
    query: z.strictObject(jobListFields),
    response: JobPageSchema,
    errors: [],
  }),
  getBacktestStatus: defineRoute({
    ...id,
    id: 'getBacktestStatus',
    path: '/api/backtest/:id/status',
    summary: 'How far a backtest is',
    response: BacktestStatusSchema,
    errors: ['JOB_NOT_FOUND'],
  }),
  getBacktestResults: defineRoute({
    ...id,
    id: 'getBacktestResults',
    path: '/api/backtest/:id/results',
    summary: 'Figures of a complete backtest',
    response: BacktestResultsSchema,
    errors: RESULT_ERRORS,
  }),
  listBacktestTrades: defineRoute({
    ...id,
    id: 'listBacktestTrades',
    path: '/api/backtest/:id/trades',
    summary: 'Its trades, sorted and filtered on the server',
    query: z.strictObject({
      ...pageFields,
      symbol: SymbolSchema.optional(),
      direction: z.enum(['long', 'short']).optional(),
      reason: NameSchema.optional(),
      outcome: z.enum(['win', 'loss']).optional(),
      sort: z.enum(TRADE_SORTS).default('number'),
      direction_of_sort: z.enum(['asc', 'desc']).default('asc'),
    }),
    response: pageOf(TradeRowSchema),
    errors: RESULT_ERRORS,
  }),
  getBacktestEquity: defineRoute({
    ...id,
    id: 'getBacktestEquity',
    path: '/api/backtest/:id/equity',
    summary: 'Its equity curve, reduced to what a chart can show',
    query: z.strictObject({
      from: TimeSchema.optional(),
      to: TimeSchema.optional(),
      px: z.coerce.number().int().min(4).max(20_000).default(1_500),
    }),
    response: EquitySchema,
    errors: RESULT_ERRORS,
  }),
  cancelBacktest: defineRoute({
    ...id,
    id: 'cancelBacktest',
    method: 'POST',
    path: '/api/backtest/:id/cancel',
    summary: 'Ask a backtest to stop',
    role: 'run',
    status: 202,
    response: CancelledSchema,
    errors: ['JOB_NOT_FOUND'],
  }),
};

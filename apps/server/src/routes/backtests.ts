/** Backtests on candles: submit, status, results, trades, equity, cancel. */
import { AppError, toTimeMs, type BACKTEST_ROUTES, type BacktestResult, type Job, type RunBacktest, toJobView } from '@quantbot/core';
import type { Handlers } from '../http/register-route.ts';
import { toPercent } from '../live/topic-state.ts';
import { chooseExtremes, findFirstFrom } from '../results/reduce-curve.ts';
import { getCompleteJob, getJob, type Results } from '../results/read-result.ts';
import { cancelJob, toJobFilter } from '../results/job-actions.ts';
import type { ServerRoom } from '../room.ts';
import { getStrategy, toStrategyFields } from '../submission/find-strategy.ts';
import { checkCandles } from '../submission/limits.ts';
import { submitJob } from '../submission/submit-job.ts';
import { selectTrades } from '../results/select-trades.ts';

const KINDS = ['backtest'] as const;

export function createBacktestHandlers(room: ServerRoom, results: Results): Handlers<typeof BACKTEST_ROUTES> {
  const { jobs } = room;
  const readResult = async (id: string): Promise<{ job: Job; result: BacktestResult }> => {
    const job = await getCompleteJob(jobs, id, KINDS);
    return { job, result: await results.readBacktest(job) };
  };
  return {
    async runBacktest({ body, principal }) {
      const strategy = await getStrategy(room, body.strategy_name, body.params);
      const symbols = toSymbols(body);
      await checkCandles(room, { symbols, timeframe: body.timeframe, start: body.start_date, end: body.end_date });
      const { name, priority, symbol: _symbol, ...rest } = body;
      const request = { ...rest, symbols, ...toStrategyFields(strategy) };
      const job = await submitJob(
        room,
        { kind: 'backtest', name: name ?? `${body.strategy_name} ${symbols[0] ?? ''} ${body.timeframe}`, priority, request },
        principal,
      );
      return { backtest_id: job.id, status: job.state };
    },
    async listBacktests({ query }) {
      const { items, total } = await jobs.listJobs({ ...toJobFilter(query), kinds: KINDS });
      return { items: items.map(toJobView), total, offset: query.offset, limit: query.limit };
    },
    async getBacktestStatus({ params }) {
      const { id, kind: _kind, ...view } = toJobView(await getJob(jobs, params.id, KINDS));
      return { ...view, backtest_id: id, progress_pct: view.status === 'complete' ? 100 : toPercent(view.progress) };
    },
    async getBacktestResults({ params }) {
      const { job, result } = await readResult(params.id);
      return toResults(job, result);
    },
    async listBacktestTrades({ params, query }) {
      const { result } = await readResult(params.id);
      return { ...selectTrades(result, query), offset: query.offset, limit: query.limit };
    },
    async getBacktestEquity({ params, query }) {
      const { result } = await readResult(params.id);
      return toEquity(params.id, result, query);
    },
    cancelBacktest: ({ params, principal }) => cancelJob(room, { id: params.id, kinds: KINDS, principal }),
  };
}

export function toSymbols(body: Pick<RunBacktest, 'symbol' | 'symbols'>): readonly string[] {
  return [...new Set(body.symbols ?? (body.symbol === undefined ? [] : [body.symbol]))];
}

function toResults(job: Job, result: BacktestResult): Awaited<ReturnType<Handlers<typeof BACKTEST_ROUTES>['getBacktestResults']>> {
  const { pnl } = result.trades;
  return {
    backtest_id: job.id,
    status: job.state,
    strategy_name: result.strategy,
    parameters: result.parameters,
    rules: result.rules,
    symbols: result.symbols,
    total_trades: pnl.length,
    winning_trades: pnl.filter((money) => money > 0).length,
    losing_trades: pnl.filter((money) => money < 0).length,
    total_pnl: result.symbols.reduce((sum, symbol) => sum + symbol.pnl, 0),
    signals_generated: result.symbols.reduce((sum, symbol) => sum + symbol.entry_signals, 0),
    final_equity: result.curve.equity.at(-1) ?? null,
    figures: result.figures,
    monthly_returns: result.monthly_returns,
    shortfall_counts: result.shortfall_counts,
    ambiguous_fills: result.ambiguous_fills,
    notes: result.notes,
  };
}

interface EquityQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly px: number;
}

function toEquity(
  id: string,
  { curve }: BacktestResult,
  query: EquityQuery,
): Awaited<ReturnType<Handlers<typeof BACKTEST_ROUTES>['getBacktestEquity']>> {
  const from = query.from === undefined ? 0 : findFirstFrom(curve.ts_ms, toTimeMs(query.from, 'from'));
  const to = query.to === undefined ? curve.ts_ms.length : findFirstFrom(curve.ts_ms, toTimeMs(query.to, 'to'));
  if (from > to) throw new AppError('INVALID_REQUEST', 'expected `from` before `to`');
  const kept = chooseExtremes(curve.equity, { from, to, points: query.px });
  const pick = <T>(values: readonly T[]): T[] => kept.flatMap((position) => values.slice(position, position + 1));
  return {
    backtest_id: id,
    ts_ms: pick(curve.ts_ms),
    equity: pick(curve.equity),
    drawdown: pick(curve.drawdown),
    exposure: pick(curve.exposure),
    benchmark: pick(curve.benchmark),
    points_total: to - from,
    is_reduced: curve.is_reduced || kept.length < to - from,
  };
}

/** Jobs of the kind `backtest`: the same run as `quantbot backtest run`, from the request that was submitted. */
import { join } from 'node:path';
import {
  DEFAULT_WARM_UP_CANDLES,
  loadStrategy,
  runCandleBacktest,
  writeCandleBacktestReport,
  type CandleBacktestRequest,
} from '@quantbot/backtest';
import { AppError, parseInterval, RunBacktestSchema, toObjectiveName, toTimeMs, type BacktestResult } from '@quantbot/core';
import type { JobHandler } from '@quantbot/server';
import { z } from 'zod';
import { readConfig } from '../workspace/config.ts';
import { toRunProvenance } from '../workspace/run-dir.ts';
import { fetchMissing } from './fetch-missing.ts';
import type { HandlerRoom } from './handler-room.ts';

/** As the server keeps it: checked, with the file that the strategy was found in. */
const RequestSchema = z.looseObject({ ...RunBacktestSchema.shape, symbols: z.array(z.string()).min(1), strategy_file: z.string() });
type Request = z.output<typeof RequestSchema>;

export function createBacktestHandler(room: HandlerRoom): JobHandler {
  const { context, workspace, catalogue, engine, settings } = room;
  return async ({ job, abort, report }) => {
    const startedMs = context.nowMs();
    const request = await toRequest(room, RequestSchema.parse(job.request));
    await fetchMissing(room, request, abort);
    const outcome = await runCandleBacktest({ catalogue, engine, slicesDir: workspace.slicesDir }, request, {
      signal: abort,
      timeoutMs: settings.max_runtime_s * 1000,
      onProgress: ({ done, total }) => {
        report({ done, total, progress_pct: total > 0 ? (100 * done) / total : null });
      },
    });
    const createdAt = new Date(context.nowMs()).toISOString();
    const { engineSourceHash } = outcome;
    const timingsMs = { load: outcome.loadMs, compute: outcome.computeMs, all: context.nowMs() - startedMs };
    const provenance = toRunProvenance(context, workspace, { createdAt, engineSourceHash, workers: 1, timingsMs });
    await writeCandleBacktestReport(outcome, provenance, join(workspace.runsDir, job.id));
    return { run: job.id, ...toShortFacts(outcome.result) };
  };
}

async function toRequest({ workspace, engine }: HandlerRoom, request: Request): Promise<CandleBacktestRequest> {
  const { backtest } = await readConfig(workspace.configPath);
  const strategy = await loadStrategy({ strategiesDir: workspace.strategiesDir, engine }, request.strategy_name);
  const { initial_capital: initialCapital, simulation } = request;
  return {
    strategy,
    symbols: request.symbols,
    intervalS: parseInterval(request.timeframe),
    fromMs: request.start_date === undefined ? undefined : toTimeMs(request.start_date, 'from'),
    toMs: request.end_date === undefined ? undefined : toTimeMs(request.end_date, 'to'),
    params: request.params,
    defaults: backtest ?? {},
    overrides: initialCapital === undefined ? simulation : { initial_capital: initialCapital, ...simulation },
    periods: [...new Set(request.periods)],
    objectives: [...new Set(request.objectives.map(toObjectiveName))],
    warmUpCandles: DEFAULT_WARM_UP_CANDLES,
  };
}

/** For lists of backtests, which show no documents. */
function toShortFacts(result: BacktestResult): Readonly<Record<string, unknown>> {
  const all = result.figures.find(({ period }) => period === 'all') ?? result.figures[0];
  if (all === undefined) throw new AppError('PROTOCOL_MISMATCH', 'expected the figures of a period, found none');
  return { trades: result.trades.pnl.length, metrics: all.metrics };
}

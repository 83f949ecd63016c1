/** `quantbot backtest run --server`: the same request sent to a server, and the same tables of what it answers. */
import { readResultDocument, renderCandleBacktestTables } from '@quantbot/backtest';
import type { Client } from '@quantbot/client';
import { AppError, type BodyInputOf, type BACKTEST_ROUTES } from '@quantbot/core';
import { useColor, type CliContext } from '../context.ts';
import type { ProgressLine } from '../terminal/progress.ts';
import { followJob, refuseFailed, type JobNews } from './follow-job.ts';
import { readReportText } from './read-report.ts';
import type { ServerFlags } from './server.ts';

export type BacktestBody = BodyInputOf<(typeof BACKTEST_ROUTES)['runBacktest']>;

interface RemoteRunFlags extends ServerFlags {
  readonly json?: boolean;
}

export interface RemoteRun {
  readonly context: CliContext;
  readonly flags: RemoteRunFlags;
  readonly client: Client;
}

/** Submits, follows and prints. */
export async function runBacktestThere(run: RemoteRun, body: BacktestBody): Promise<void> {
  const { backtest_id: id } = await run.client.runBacktest({ body });
  await attachToBacktest(run, id);
}

/** Follows a backtest that was submitted and prints it when it is complete. */
export async function attachToBacktest(run: RemoteRun, id: string): Promise<void> {
  const { context, flags, client } = run;
  const hasEnded = await followJob(run, {
    id,
    topic: `backtest:${id}`,
    what: 'backtest',
    watchCommand: `quantbot backtest run --attach ${id} --server ${client.baseUrl}`,
    show: showBacktest,
  });
  if (!hasEnded) return;
  const job = await client.getJob({ params: { id } });
  refuseFailed(job, 'backtest');
  if (job.status !== 'complete') throw new AppError('CANCELLED', `backtest ${id} was cancelled`);
  const document: unknown = JSON.parse(await readReportText(client, id, 'result.json'));
  const options = { width: context.stdout.columns || 100, color: useColor(context, flags, context.stdout) };
  context.stdout.write(
    flags.json === true ? `${JSON.stringify(document)}\n` : renderCandleBacktestTables(readResultDocument(document), options),
  );
  if (flags.quiet !== true) context.stderr.write(`\nReport: ${client.baseUrl}/api/reports/${id}/report.html\n`);
}

function showBacktest(news: JobNews, progress: ProgressLine): void {
  const { status, progress_pct: percent } = news;
  if (typeof percent === 'number') progress.report(percent / 100, `${Math.floor(percent)} % simulated on the server`);
  else progress.report(null, status === 'queued' ? 'Waiting in the queue of the server' : 'Running on the server');
}

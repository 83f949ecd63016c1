/** `quantbot walk-forward --server`: the analysis that a study file describes, done by a server, printed as if it had been done here. */
import { resolve } from 'node:path';
import { findDataRange, parseDuration, readStudyFile, readWalkForwardDocument, renderWalkForwardTables } from '@quantbot/backtest';
import { AppError, toIntervalLabel } from '@quantbot/core';
import { chooseIntervalS } from '../commands/backtest-run-request.ts';
import { applyStudyFlags, type StudyFlags } from '../commands/optimize-flags.ts';
import { useColor } from '../context.ts';
import { createSeed } from '../studies/study-id.ts';
import { parseTime } from '../terminal/parse-flags.ts';
import type { ProgressLine } from '../terminal/progress.ts';
import { followJob, refuseFailed, type FollowRoom, type JobNews } from './follow-job.ts';
import { createRemoteSeries } from './remote-series.ts';
import { readReportText } from './read-report.ts';
import { refuseHere, type ServerFlags } from './server.ts';
import { toMonths, toSearchFields, type WalkForwardRequestBody } from './walk-forward-body.ts';

interface RemoteWalkForwardFlags extends ServerFlags, StudyFlags {
  readonly config: string;
  readonly train: string;
  readonly test: string;
  readonly anchored?: boolean;
  readonly attach?: string;
  readonly report: boolean;
  readonly json?: boolean;
}

export interface WalkForwardRun extends FollowRoom {
  readonly flags: RemoteWalkForwardFlags;
}

const RESULT_FILE = 'walk-forward.json';
const OF_THE_SERVER = 'it is a setting of the server';
const REFUSED = {
  step: 'it moves on by the length of the test',
  gap: 'it leaves nothing out',
  id: 'it goes on with its work by itself; --attach ID follows it',
  maxWorkers: OF_THE_SERVER,
  maxConcurrent: OF_THE_SERVER,
  cpuFraction: OF_THE_SERVER,
  reportFrequency: OF_THE_SERVER,
  timeout: OF_THE_SERVER,
  memoryLimit: OF_THE_SERVER,
  noReport: 'it keeps the result of all work',
};

export async function runWalkForwardThere(run: WalkForwardRun): Promise<void> {
  const { context, flags, client } = run;
  refuseHere({ ...flags, noReport: !flags.report }, REFUSED);
  const id = flags.attach ?? (await client.walkForward({ body: await toBody(run) })).walk_forward_id;
  const watchCommand = `quantbot walk-forward --config ${flags.config} --train ${flags.train} --test ${flags.test} --attach ${id} --server ${client.baseUrl}`;
  if (!(await followJob(run, { id, topic: `backtest:${id}`, what: 'walk-forward', watchCommand, show: showWindows }))) return;
  const job = await client.getJob({ params: { id } });
  refuseFailed(job, 'walk-forward');
  if (job.status !== 'complete') throw new AppError('CANCELLED', `walk-forward ${id} was cancelled`);
  const text = await readReportText(client, id, RESULT_FILE);
  const { stdout } = context;
  const options = { width: stdout.isTTY ? stdout.columns : 100, color: useColor(context, flags, stdout) };
  stdout.write(flags.json === true ? text : renderWalkForwardTables(readWalkForwardDocument(JSON.parse(text)), options));
  if (flags.quiet !== true) context.stderr.write(`\nResult: ${client.baseUrl}/api/reports/${id}/${RESULT_FILE}\n`);
}

async function toBody({ context, flags, client }: WalkForwardRun): Promise<WalkForwardRequestBody> {
  const file = resolve(context.cwd, flags.config);
  const { plan } = applyStudyFlags(await readStudyFile(file), flags);
  if (plan.candles === undefined) throw new AppError('INVALID_STUDY', `${file}: expected a strategy on candles, with data.symbol`);
  const { strategy, symbols, timeframe } = plan.candles;
  if (!('name' in strategy)) throw new AppError('USAGE', `${file}: strategy.file: a server knows strategies by their names`);
  const catalogue = createRemoteSeries(client);
  const intervalS = chooseIntervalS(await catalogue.listSeries(), symbols, timeframe);
  const whole = await findDataRange(catalogue, symbols, intervalS);
  const { from, to } = plan.data;
  const seed = plan.seed ?? createSeed();
  if (plan.seed === undefined && flags.quiet !== true) context.stderr.write(`Seed ${seed} (chosen for you)\n`);
  return {
    ...toSearchFields(plan),
    strategy_name: strategy.name,
    symbols: [...symbols],
    timeframe: toIntervalLabel(intervalS),
    start_date: toIso(from === undefined ? whole.fromMs : parseTime('data.from', from, 'from')),
    end_date: toIso(to === undefined ? whole.toMs : parseTime('data.to', to, 'to')),
    window_size_months: toMonths('--train', parseDuration('--train', flags.train)),
    test_size_months: toMonths('--test', parseDuration('--test', flags.test)),
    anchored: flags.anchored === true,
    seed,
  };
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}

function showWindows({ window, windows, trials, status, progress_pct: percent }: JobNews, progress: ProgressLine): void {
  if (typeof percent !== 'number') {
    progress.report(null, status === 'queued' ? 'Waiting in the queue of the server' : 'Preparing on the server');
    return;
  }
  progress.report(percent / 100, `window ${String(window)} of ${String(windows)}, ${String(trials)} trials`);
}

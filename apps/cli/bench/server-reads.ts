/** Reads at a constant rate while a study runs: how long they take, and what they cost the study. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './server-child.ts';
import { merge } from './server-histogram.ts';
import { toLatency, type Latency } from './server-live.ts';
import type { ReadLoad, ReadReport } from './server-readers.ts';
import { awaitJob, awaitTrials, countTrials, HILL_STUDY, RULES_STUDY, submitStudy, type ServerProcess } from './server-workspace.ts';

export interface ReadScale {
  /** Of the study whose pages are read. */
  readonly trials: number;
  readonly perS: number;
  readonly forS: number;
  /** How long the study is measured alone, before and after. */
  readonly aloneS: number;
}

export interface ReadResult {
  readonly all: Latency;
  readonly byKind: Readonly<Record<string, Latency>>;
  readonly errors: number;
  readonly troubles: readonly string[];
  readonly requests: number;
  readonly mbPerS: number;
  /** Trials a second of the study that runs, without and with reads. */
  readonly trialsPerSAlone: number;
  readonly trialsPerSLoaded: number;
  /** Processor time of the server during the reads, as a share of one core. */
  readonly cpuShare: number;
}

/** Pages are of the best thousand, as people look at them. */
const PAGES = 20;
const PAGE = 50;

export async function measureReads(server: ServerProcess, { trials, perS, forS, aloneS }: ReadScale): Promise<ReadResult> {
  const paths = await preparePaths(server, trials);
  const running = await submitStudy(server, RULES_STUDY, { trials: 1_000_000, processes: 1 });
  await awaitTrials(server, running);
  const child = startChild(join(import.meta.dirname, 'server-readers.ts'));
  try {
    const load: ReadLoad = { url: server.url, paths, perS, forS };
    const before = await measurePace(server, running, () => sleep(aloneS * 1_000));
    let report: ReadReport | undefined;
    const loaded = await measurePace(server, running, async () => {
      report = await child.ask<ReadReport>('run', load);
    });
    const after = await measurePace(server, running, () => sleep(aloneS * 1_000));
    await server.call('POST', `/api/jobs/${running}/cancel`);
    if (report === undefined) throw new Error('the reads have no report');
    return {
      all: toLatency(merge(Object.values(report.latencies))),
      byKind: Object.fromEntries(Object.entries(report.latencies).map(([kind, histogram]) => [kind, toLatency(histogram)])),
      errors: report.errors,
      troubles: report.troubles,
      requests: report.requests,
      mbPerS: report.bytes / 1e6 / forS,
      trialsPerSAlone: (before.trialsPerS + after.trialsPerS) / 2,
      trialsPerSLoaded: loaded.trialsPerS,
      cpuShare: loaded.cpuShare,
    };
  } finally {
    await child.stop();
  }
}

async function preparePaths(server: ServerProcess, trials: number): Promise<ReadLoad['paths']> {
  const study = await submitStudy(server, HILL_STUDY, { trials, processes: 2 });
  await awaitJob(server, study, 'complete');
  const body = { strategy_name: 'crossover', symbol: 'EURUSD', timeframe: '1h' };
  const { backtest_id: backtest } = await server.call<{ backtest_id: string }>('POST', '/api/backtest/run', body);
  await awaitJob(server, backtest, 'complete');
  const best = `/api/studies/${study}/trials?sort=objective:total_return@all&direction=desc&limit=${String(PAGE)}`;
  return {
    studies: ['/api/studies?limit=50'],
    trials: Array.from({ length: PAGES }, (_, page) => `${best}&offset=${String(page * PAGE)}`),
    leaderboard: ['/api/leaderboard?objective=total_return&period=all&limit=20'],
    status: [`/api/backtest/${backtest}/status`],
    equity: [`/api/backtest/${backtest}/equity`],
  };
}

async function measurePace(server: ServerProcess, study: string, during: () => Promise<unknown>) {
  const [count, usage] = [await countTrials(server, study), await server.usage()];
  await during();
  const [countAfter, usageAfter] = [await countTrials(server, study), await server.usage()];
  const seconds = (usageAfter.atMs - usage.atMs) / 1_000;
  return { trialsPerS: (countAfter - count) / seconds, cpuShare: (usageAfter.cpuS - usage.cpuS) / seconds };
}

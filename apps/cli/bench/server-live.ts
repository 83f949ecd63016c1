/** Many clients watch one study: latency of its events, readers that stop reading, a reconnect of all, and what it costs the server. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type LoadChild } from './server-child.ts';
import { countOf, createHistogram, merge, quantile, shareWithin, type Histogram } from './server-histogram.ts';
import type { WatchReport } from './server-watchers.ts';
import { awaitTrials, RULES_STUDY, submitStudy, type ServerProcess, type Usage } from './server-workspace.ts';

export interface LiveScale {
  readonly clients: number;
  readonly slow: number;
  /** Of the slow ones: ask for old events while they do not read, so that more than a megabyte waits for each. */
  readonly asking: number;
  readonly watchS: number;
  readonly stallS: number;
}

export interface LiveResult {
  readonly watching: Latency;
  readonly others: Latency;
  readonly caughtUp: Latency;
  readonly lost: number;
  readonly events: number;
  readonly dropped: number;
  readonly ended: number;
  /** Beyond the one that each client gets when it subscribes. */
  readonly laterSnapshots: number;
  readonly rssMb: {
    readonly start: number;
    readonly connected: number;
    readonly watched: number;
    readonly stalled: number;
    readonly peak: number;
    readonly end: number;
  };
  /** Processor time of the server while all watch, as a share of one core. */
  readonly cpuShare: number;
}

export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly within250: number;
  readonly count: number;
}

export function toLatency(histogram: Histogram): Latency {
  const [p50 = 0, p95 = 0, p99 = 0, max = 0] = [0.5, 0.95, 0.99, 1].map((share) => quantile(histogram, share));
  return { p50, p95, p99, max, within250: shareWithin(histogram, 250), count: countOf(histogram) };
}

const LOADERS = 2;
const CONNECTS_PER_S = 200;
/** All are back after five seconds, whatever their number. */
const RECONNECT_S = 5;
const MB = 1e6;

export async function measureLive(server: ServerProcess, scale: LiveScale): Promise<LiveResult> {
  const study = await submitStudy(server, RULES_STUDY, { trials: 1_000_000, processes: 1 });
  await awaitTrials(server, study);
  const children = Array.from({ length: LOADERS }, () => startChild(join(import.meta.dirname, 'server-watchers.ts')));
  const all = (what: string, request?: unknown): Promise<unknown> => Promise.all(children.map((child) => child.ask(what, request)));
  const meter = startMeter(server);
  try {
    const start = await meter.mark();
    const url = `${server.url.replace('http', 'ws')}/ws`;
    const share = { count: scale.clients / LOADERS, perS: CONNECTS_PER_S / LOADERS };
    await all('connect', { url, topic: `study:${study}`, ...share });
    await all('measure', 'watching');
    const connected = await meter.mark();
    await sleep(scale.watchS * 1_000);
    const watched = await meter.mark();
    await all('measure', 'stalled');
    await all('stall', { count: scale.slow / LOADERS, asking: scale.asking / LOADERS, ms: scale.stallS * 1_000 });
    const stalled = await meter.mark();
    await all('measure', 'catching up');
    await sleep(2_000);
    await all('measure', 'caught up');
    await sleep(5_000);
    await all('measure', 'reconnecting');
    await all('reconnect', { perS: scale.clients / RECONNECT_S / LOADERS });
    await sleep(2_000);
    await server.call('POST', `/api/jobs/${study}/cancel`);
    await all('awaitEnd', { ms: 30_000 });
    const reports = await askReports(children);
    await all('leave');
    await sleep(2_000);
    const end = await meter.mark();
    const rss = ({ rssBytes }: Usage): number => rssBytes / MB;
    return {
      ...toResult(reports, scale),
      rssMb: {
        start: rss(start),
        connected: rss(connected),
        watched: rss(watched),
        stalled: rss(stalled),
        peak: meter.peakBytes() / MB,
        end: rss(end),
      },
      cpuShare: (1_000 * (watched.cpuS - connected.cpuS)) / (watched.atMs - connected.atMs),
    };
  } finally {
    await meter.stop();
    await Promise.all(children.map((child) => child.stop()));
  }
}

function askReports(children: readonly LoadChild[]): Promise<readonly WatchReport[]> {
  return Promise.all(children.map((child) => child.ask<WatchReport>('report')));
}

function toResult(reports: readonly WatchReport[], { clients }: LiveScale): Omit<LiveResult, 'rssMb' | 'cpuShare'> {
  const sum = (name: 'lost' | 'events' | 'dropped' | 'ended' | 'snapshots'): number =>
    reports.reduce((all, report) => all + report[name], 0);
  const find = (...names: readonly string[]): Latency =>
    toLatency(merge(reports.flatMap(({ latencies }) => names.map((name) => latencies[name] ?? createHistogram(1)))));
  return {
    watching: find('watching/others'),
    others: find('stalled/others'),
    caughtUp: find('caught up/slow', 'caught up/others'),
    lost: sum('lost'),
    events: sum('events'),
    dropped: sum('dropped'),
    ended: sum('ended'),
    laterSnapshots: sum('snapshots') - clients,
  };
}

interface Meter {
  mark(): Promise<Usage>;
  peakBytes(): number;
  stop(): Promise<void>;
}

const METER_EVERY_MS = 500;

function startMeter(server: ServerProcess): Meter {
  let peak = 0;
  const stopping = new AbortController();
  const mark = async (): Promise<Usage> => {
    const usage = await server.usage();
    peak = Math.max(peak, usage.rssBytes);
    return usage;
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await mark();
      await sleep(METER_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    mark,
    peakBytes: () => peak,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

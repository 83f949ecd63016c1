/**
 * Benchmark of the server, `npm run bench:server`: a real `quantbot serve`, a thousand WebSocket clients on one running study, and reads
 * at a constant rate beside another. Ends with 1 where an event was lost, a read failed, or a client did not hear of the end.
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { toTableLines } from '@quantbot/backtest';
import { measureLive, type Latency, type LiveResult, type LiveScale } from './server-live.ts';
import { measureReads, type ReadResult, type ReadScale } from './server-reads.ts';
import { openServerProcess } from './server-workspace.ts';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** `live` or `reads`: only this half. */
    part: { type: 'string' },
    json: { type: 'string' },
    /** A folder for a CPU profile of the server. */
    profile: { type: 'string' },
  },
});
const LIVE: LiveScale = flags.quick
  ? { clients: 200, slow: 20, asking: 4, watchS: 5, stallS: 20 }
  : { clients: 1_000, slow: 100, asking: 10, watchS: 15, stallS: 20 };
const READS: ReadScale = flags.quick
  ? { trials: 10_000, perS: 100, forS: 5, aloneS: 5 }
  : { trials: 100_000, perS: 500, forS: 20, aloneS: 10 };
/** Beside sockets: files of the database, pipes, the program itself. */
const SPARE_FILES = 200;

type Row = readonly [workload: string, measure: string, value: string, goal: string];

function refuseFewFiles(): void {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } };
  const soft = Number(userLimits?.open_files?.soft);
  if (soft < LIVE.clients + SPARE_FILES) {
    throw new Error(`this shell allows ${String(soft)} open files; \`ulimit -n ${String(LIVE.clients + SPARE_FILES)}\` first`);
  }
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
const toMs = ({ p50, p95, p99, max }: Latency): string => [p50, p95, p99, max].map(ms).join(' / ');

function toLiveRows(live: LiveResult): readonly Row[] {
  const { rssMb } = live;
  const perClientKb = (1_000 * (rssMb.connected - rssMb.start)) / LIVE.clients;
  const mb = [rssMb.start, rssMb.connected, rssMb.watched, rssMb.stalled, rssMb.peak, rssMb.end]
    .map((value) => value.toFixed(0))
    .join(' / ');
  return [
    [`${String(LIVE.clients)} watchers`, 'event to receipt, p50 / p95 / p99 / max', toMs(live.watching), 'p95 250 ms'],
    ['', 'within 250 ms', `${(100 * live.watching.within250).toFixed(2)} %`, '95 %'],
    ['', 'processor time of the server, study included', `${(100 * live.cpuShare).toFixed(0)} % of a core`, ''],
    [`${String(LIVE.slow)} stop reading ${String(LIVE.stallS)} s`, 'the others, p50 / p95 / p99 / max', toMs(live.others), 'p95 250 ms'],
    ['', 'all afterwards, p50 / p95 / p99 / max', toMs(live.caughtUp), ''],
    ['', 'snapshots instead of events', String(live.laterSnapshots), `>= ${String(LIVE.asking)}`],
    ['connect to end', 'events received', live.events.toLocaleString('en-GB'), ''],
    ['', 'events lost, reconnect of all included', String(live.lost), '0'],
    ['', 'connections cut', String(live.dropped), '0'],
    ['', 'clients that heard of the end', String(live.ended), String(LIVE.clients)],
    ['', 'memory: start, connected, watched, stalled, peak, end', `${mb} MB`, ''],
    ['', 'growth per client while they connect', `${perClientKb.toFixed(0)} kB`, ''],
  ];
}

function toReadRows(reads: ReadResult): readonly Row[] {
  const ratio = reads.trialsPerSAlone / reads.trialsPerSLoaded;
  return [
    [`${String(READS.perS)} reads a second`, 'due to answered, p50 / p95 / p99 / max', toMs(reads.all), ''],
    ...Object.entries(reads.byKind).map(([kind, latency]): Row => ['', kind, toMs(latency), '']),
    ['', 'errors', `${String(reads.errors)} of ${reads.requests.toLocaleString('en-GB')}`, '0'],
    ['', 'answered', `${reads.mbPerS.toFixed(1)} MB/s`, ''],
    ['', 'processor time of the server, study included', `${(100 * reads.cpuShare).toFixed(0)} % of a core`, ''],
    [
      'study beside them',
      'trials a second alone / with reads',
      `${reads.trialsPerSAlone.toFixed(0)} / ${reads.trialsPerSLoaded.toFixed(0)}`,
      '',
    ],
    ['', 'slower by', `${ratio.toFixed(2)}x`, ''],
  ];
}

const COLUMNS = [
  { title: 'Workload', align: 'left', dropOrder: 0 },
  { title: 'Measure', align: 'left', dropOrder: 0 },
  { title: 'Value', align: 'right', dropOrder: 0 },
  { title: 'Goal', align: 'right', dropOrder: 1 },
] as const;

refuseFewFiles();
const startLoad = loadavg()[0] ?? 0;
await using server = await openServerProcess(flags.profile);
const live = flags.part === 'reads' ? undefined : await measureLive(server, LIVE);
const reads = flags.part === 'live' ? undefined : await measureReads(server, READS);
const rows = [...(live === undefined ? [] : toLiveRows(live)), ...(reads === undefined ? [] : toReadRows(reads))];
process.stdout.write(
  `\nServer: SQLite, studies in 1 engine process, load in 2 processes; load average ${startLoad.toFixed(1)} when it began\n`,
);
process.stdout.write(`${toTableLines({ columns: COLUMNS, rows }, process.stdout.columns || 140).join('\n')}\n`);
for (const trouble of reads?.troubles ?? []) process.stdout.write(`trouble: ${trouble}\n`);
if (flags.json !== undefined) {
  await writeFile(
    flags.json,
    JSON.stringify({ live, reads, scale: { live: LIVE, reads: READS }, load: startLoad, node: process.version }, null, 1),
  );
}
const isLost = live !== undefined && (live.lost > 0 || live.ended < LIVE.clients);
process.exitCode = isLost || (reads?.errors ?? 0) > 0 ? 1 : 0;

/**
 * Benchmark of studies: what the runner costs when the strategy costs nothing. `npm run bench` runs it after the engine's.
 * Rows are checked before they are printed: every trial recorded once, and a resumed study equal to an undisturbed one.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createStudy, PythonEngine, readStudyFile, runStudy, toOwner, toTableLines } from '@quantbot/backtest';
import type { Study, StudyStore } from '@quantbot/core';
import { openCatalogue, openStudyStore } from '@quantbot/storage';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } });
const SMALL = flags.quick ? 1_000 : 10_000;
const LARGE = flags.quick ? 5_000 : 100_000;
const WORKERS = 2;

interface Row {
  readonly workload: string;
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
}

const dir = await mkdtemp(join(tmpdir(), 'quantbot-bench-'));
const store = await openStudyStore({ kind: 'sqlite', path: join(dir, 'studies.db') });
const catalogue = await openCatalogue(join(dir, 'data'));
const engine = new PythonEngine({ maxProcesses: WORKERS });
const slicesDir = join(dir, 'slices');

async function create(id: string, trials: number): Promise<Study> {
  const path = join(dir, `${id}.yaml`);
  const space = 'parameters: {x: {low: 0, high: 1, type: float}, y: {low: 0, high: 1, type: float}}';
  await writeFile(
    path,
    `strategy: {name: noop}\n${space}\nsampler: random\nobjectives: [final_balance]\ntrials: ${String(trials)}\nseed: 5\n`,
  );
  const request = {
    id,
    plan: await readStudyFile(path),
    seed: 5,
    trials,
    fromMs: undefined,
    toMs: undefined,
    strategyFiles: [],
    provenance: {},
  };
  return createStudy({ store, catalogue, slicesDir, nowMs: () => Date.now() }, request);
}

/** Runs until `stopAt` trials are recorded, or to the end; returns milliseconds, and how long it took until the first new block. */
async function run(study: Study, stopAt = Infinity): Promise<{ ms: number; firstBlockMs: number }> {
  const drain = new AbortController();
  const startedMs = performance.now();
  let firstBlockMs = Number.NaN;
  await runStudy(
    {
      store,
      engine,
      slicesDir,
      maxWorkers: WORKERS,
      trialTimeoutMs: 60_000,
      owner: toOwner('bench', process.pid),
      nowMs: () => Date.now(),
      drain: drain.signal,
      abort: new AbortController().signal,
      onProgress: () => undefined,
      onBlock: async (recorded) => {
        if (Number.isNaN(firstBlockMs)) firstBlockMs = performance.now() - startedMs;
        if (recorded >= stopAt) drain.abort();
      },
    },
    study,
  );
  return { ms: performance.now() - startedMs, firstBlockMs };
}

async function hashTrials(from: StudyStore, id: string): Promise<{ count: number; hash: string }> {
  const hash = createHash('sha256');
  let count = 0;
  for await (const trial of from.streamTrials(id)) {
    hash.update(JSON.stringify(trial));
    count += 1;
  }
  return { count, hash: hash.digest('hex') };
}

async function refuseUnequal(id: string, other: string, trials: number): Promise<void> {
  const [one, two] = [await hashTrials(store, id), await hashTrials(store, other)];
  if (one.count !== trials || one.hash !== two.hash) throw new Error(`differs: ${id} and ${other}; nothing is printed`);
}

async function measure(): Promise<readonly Row[]> {
  await run(await create('warm', 512));
  const small = await run(await create('small', SMALL));
  const large = await run(await create('large', LARGE));
  const resumed = await create('resumed', LARGE);
  await run(resumed, Math.floor(LARGE * 0.9));
  const rest = await run(resumed);
  await refuseUnequal('large', 'resumed', LARGE);
  const size = LARGE.toLocaleString('en-GB');
  return [
    {
      workload: `runner, no-op strategy, ${SMALL.toLocaleString('en-GB')} trials`,
      measure: 'trials per second',
      value: SMALL / (small.ms / 1000),
      unit: '/s',
    },
    { workload: '', measure: 'overhead per trial', value: small.ms / SMALL, unit: 'ms' },
    { workload: `study of ${size} trials`, measure: 'end to end', value: large.ms / 1000, unit: 's' },
    { workload: '', measure: 'resumed at 90 %: until the first new block is recorded', value: rest.firstBlockMs / 1000, unit: 's' },
    { workload: '', measure: 'peak resident memory of the host', value: process.resourceUsage().maxRSS / 1024, unit: 'MiB' },
  ];
}

try {
  const rows = await measure();
  const columns = [
    { title: 'Workload', align: 'left', dropOrder: 0 },
    { title: 'Measure', align: 'left', dropOrder: 0 },
    { title: 'Value', align: 'right', dropOrder: 0 },
  ] as const;
  const cells = rows.map(({ workload, measure: what, value, unit }) => [workload, what, `${value.toPrecision(4)} ${unit}`]);
  const load = loadavg()[0] ?? 0;
  process.stdout.write(
    `\nStudies: SQLite, ${String(WORKERS)} workers, load average ${load.toFixed(1)}; resumed study equal to an undisturbed one\n`,
  );
  process.stdout.write(`${toTableLines({ columns, rows: cells }, process.stdout.columns || 120).join('\n')}\n`);
  if (flags.json !== undefined) await writeFile(flags.json, JSON.stringify({ rows, load, node: process.version }, null, 1));
} finally {
  engine.close();
  await catalogue.close();
  await store.close();
  await rm(dir, { recursive: true, force: true });
}

/**
 * Benchmark of the whole command: `quantbot backtest v1-baseline` on 2,000 calls and 1,000 combinations, from command to report, in a
 * process of its own as a user starts it, with a breakdown of where the time goes. First run and later runs of the same question.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toTableLines } from '@quantbot/backtest';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } });
const TOKENS = flags.quick ? 20 : 200;
const CALLS = flags.quick ? 200 : 2_000;
const CANDLES = 8_640;
const RUNS = flags.quick ? 2 : 6;
const START_S = 1_704_067_200;
const MAIN = join(import.meta.dirname, '../src/main.ts');
const COMPILE_CACHE = join(import.meta.dirname, '../../../.cache/node-compile');
const GRID = [
  ['--tp-mults', '1.05,1.1,1.2,1.3,1.5,1.7,2,2.5,3,4'],
  ['--sl-mults', '0.5,0.6,0.7,0.75,0.8,0.85,0.88,0.9,0.92,0.95'],
  ['--max-hold-hrs', '1,2,4,6,8,12,18,24,36,48'],
].flat();

/** A small generator with a fixed seed (mulberry32): the market is the same on every machine. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function toCsv(random: () => number): string {
  const rows = ['timestamp,open,high,low,close,volume'];
  let open = 0.001 + random();
  for (let row = 0; row < CANDLES; row += 1) {
    const jump = random() < 0.002 ? 0.8 + 0.5 * random() : 1;
    const close = open * (1 + (random() - 0.5) * 0.02) * jump;
    const [high, low] = [Math.max(open, close) * (1 + random() * 0.004), Math.min(open, close) * (1 - random() * 0.004)];
    rows.push([START_S + row * 60, ...[open, high, low, close].map((price) => price.toPrecision(9)), 100].join(','));
    open = Number(close.toPrecision(9));
  }

  return rows.join('\n');
}

async function writeMarket(dir: string): Promise<void> {
  const random = createRandom(17);
  await mkdir(join(dir, 'candles'));
  for (let token = 0; token < TOKENS; token += 1) await writeFile(join(dir, 'candles', `TOKEN${String(token)}_1m.csv`), toCsv(random));
  const calls = Array.from({ length: CALLS }, (_, call) => {
    const ts = START_S + Math.floor(random() * (CANDLES - 2_880) * 60);
    return `${String(ts)},caller${String(call % 5)},TOKEN${String(call % TOKENS)}`;
  });
  await writeFile(join(dir, 'calls.csv'), ['call_ts,caller,token', ...new Set(calls)].join('\n'));
}

function quantbot(cwd: string, args: readonly string[]): { readonly ms: number; readonly stderr: string } {
  const startedMs = performance.now();
  // As the launcher starts it.
  const env = { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env };
  const run = spawnSync(process.execPath, [MAIN, ...args], { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`quantbot ${args.join(' ')} failed:\n${run.stderr}`);
  return { ms: performance.now() - startedMs, stderr: run.stderr };
}

type Timings = Readonly<Record<string, number>>;

function runOnce(cwd: string): Timings {
  const { ms, stderr } = quantbot(cwd, ['backtest', 'v1-baseline', '--mode', 'optimize', '--verbose', ...GRID]);
  const parts =
    /Time in ms: (.+)/
      .exec(stderr)?.[1]
      ?.split(', ')
      .map((part) => part.split(' ')) ?? [];
  return { total: ms, ...Object.fromEntries(parts.map(([name, value]) => [name ?? '', Number(value)])) };
}

/** Share of everything but the engine's own work in the time after start-up (Node and Python ready). */
function toOrchestrationShare({ prepare = 0, report = 0, engine_load: load = 0, engine_compute: compute = 0 }: Timings): number {
  return (prepare + report) / (prepare + report + load + compute);
}

const dir = await mkdtemp(join(tmpdir(), 'quantbot-bench-'));
try {
  await writeMarket(dir);
  quantbot(dir, ['init', '.']);
  const imported = quantbot(dir, ['data', 'import', 'candles', 'calls.csv', '--quiet']);
  const runs = Array.from({ length: RUNS }, () => runOnce(dir));
  const [first, ...later] = runs;
  const best = later.reduce((fastest, run) => ((run['total'] ?? 0) < (fastest['total'] ?? 0) ? run : fastest));
  const names = Object.keys(best);
  const columns = [
    { title: `${String(CALLS)} calls x 1,000 combinations, ms`, align: 'left', dropOrder: 0 },
    { title: 'First run', align: 'right', dropOrder: 0 },
    { title: `Best of ${String(later.length)} later`, align: 'right', dropOrder: 0 },
  ] as const;
  const rows = names.map((name) => [name, String(Math.round(first?.[name] ?? 0)), String(Math.round(best[name] ?? 0))]);
  const share = (run: Timings): string => `${(100 * toOrchestrationShare(run)).toFixed(1)} %`;
  rows.push(['orchestration after start-up (prepare + report)', share(first ?? {}), share(best)]);
  const load = loadavg()[0] ?? 0;
  process.stdout.write(
    `\nEnd to end: import of ${String(TOKENS * CANDLES)} candles ${(imported.ms / 1000).toFixed(1)} s; load average ${load.toFixed(1)}\n`,
  );
  process.stdout.write(`${toTableLines({ columns, rows }, process.stdout.columns || 120).join('\n')}\n`);
  if (flags.json !== undefined) await writeFile(flags.json, JSON.stringify({ importedMs: imported.ms, runs, load }, null, 1));
} finally {
  await rm(dir, { recursive: true, force: true });
}

/** A temporary workspace with a market, a strategy of rules and one that costs next to nothing, and a real `quantbot serve` on it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = join(import.meta.dirname, '../src/main.ts');
const CANDLES = 8_760;
const START_S = 1_704_067_200;

const RULES = `name: crossover
parameters: {fast: 5, slow: 20, stop: 0.02}
entry:
  when:
    - crosses_above(sma(\${fast}), sma(\${slow}))
  action: buy
  size: 0.5
exit:
  signal_exit:
    when:
      - crosses_below(sma(\${fast}), sma(\${slow}))
    action: close_all
  stop_loss:
    type: percentage
    value: \${stop}
`;

/** Figures that differ from trial to trial, so that sorting by them means something. */
const HILL = `from quantbot_engine.strategies.strategy import strategy

@strategy("hill")
def hill(params, market, config):
    gain = 1 - (params["x"] - 0.3) ** 2 - (params["y"] - 0.6) ** 2
    return {"total_return": gain, "max_drawdown": 0.1, "sharpe_ratio": 2 * gain, "trades": 100, "final_balance": 10000 * (1 + gain)}
`;

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  /** The JSON of an answer that is not an error. */
  call<Answer>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer>;
  usage(): Promise<Usage>;
}

/** What the server says of itself at \`/metrics\`. */
export interface Usage {
  readonly rssBytes: number;
  readonly cpuS: number;
  readonly atMs: number;
}

async function writeMarket(dir: string): Promise<void> {
  const price = (at: number): number => 1.1 + 0.01 * Math.sin(at / 9) + 0.004 * Math.sin(at / 2.3) + 0.02 * Math.sin(at / 700);
  const rows = Array.from({ length: CANDLES }, (_, hour) => {
    const [from, to] = [price(hour), price(hour + 1)];
    return [START_S + hour * 3600, from, Math.max(from, to) + 0.0005, Math.min(from, to) - 0.0005, to, 100].join(',');
  });
  await writeFile(join(dir, 'EURUSD_1h.csv'), `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`);
}

function quantbot(cwd: string, args: readonly string[]): void {
  const run = spawnSync(process.execPath, [MAIN, ...args], { cwd, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`quantbot ${args.join(' ')} failed:\n${run.stderr}`);
}

/** Settings as a user raises them, by environment; the log goes to a file, as it would in operation. */
async function startServer(dir: string, profileDir: string | undefined) {
  const log = await open(join(dir, 'server.log'), 'a');
  const profile = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const child = spawn(process.execPath, [...profile, MAIN, 'serve', '--port', '0'], {
    cwd: dir,
    env: { ...process.env, NO_COLOR: '1', DATABASE_URL: '', QUANTBOT_RATE_LIMIT_PER_S: '1000000' },
    stdio: ['ignore', log.fd, 'pipe'],
  });
  await log.close();
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      const found = /on (http:\/\/[\d.]+:\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => {
      reject(new Error(`quantbot serve ended:\n${said}`));
    });
  });
  return {
    url,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

function readMetric(text: string, name: string): number {
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
}

export async function openServerProcess(profileDir?: string): Promise<ServerProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'quantbot-bench-'));
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    quantbot(dir, ['init', '.']);
    await mkdir(join(dir, 'strategies'), { recursive: true });
    await writeFile(join(dir, 'strategies', 'crossover.yaml'), RULES);
    await writeFile(join(dir, 'strategies', 'hill.py'), HILL);
    await writeMarket(dir);
    quantbot(dir, ['data', 'import', 'EURUSD_1h.csv', '--quiet']);
    const server = await startServer(dir, profileDir);
    return {
      url: server.url,
      async call<Answer>(method: string, path: string, body?: unknown) {
        const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
        const answer = await fetch(`${server.url}${path}`, { method, ...json });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)} ${text}`);
        return JSON.parse(text) as Answer;
      },
      async usage() {
        const text = await (await fetch(`${server.url}/metrics`)).text();
        const [rssBytes, cpuS] = [readMetric(text, 'process_resident_memory_bytes'), readMetric(text, 'process_cpu_seconds_total')];
        return { rssBytes, cpuS, atMs: performance.now() };
      },
      async [Symbol.asyncDispose]() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Submits a study file and resolves with its id; `processes` bounds what it takes of the machine. */
export async function submitStudy(server: ServerProcess, config: unknown, { trials, processes }: { trials: number; processes: number }) {
  const body = { config, trials, seed: 5, max_concurrent: processes };
  return (await server.call<{ study_id: string }>('POST', '/api/optimization/run-parallel', body)).study_id;
}

/** Searches averages and a stop on 8,760 hourly candles; with as many trials as asked for, none of them like another. */
export const RULES_STUDY = {
  strategy: { file: 'crossover.yaml' },
  data: { symbols: ['EURUSD'], timeframe: '1h' },
  parameters: { fast: { low: 3, high: 40, type: 'int' }, slow: { low: 41, high: 200, type: 'int' }, stop: { low: 0.005, high: 0.1 } },
  sampler: 'random',
  objectives: ['total_return'],
};

export const HILL_STUDY = {
  strategy: { name: 'hill', files: ['strategies/hill.py'] },
  parameters: { x: { low: 0, high: 1, type: 'float' }, y: { low: 0, high: 1, type: 'float' } },
  sampler: 'random',
  objectives: ['total_return', 'sharpe_ratio'],
};

export async function awaitJob(server: ServerProcess, id: string, state: string): Promise<void> {
  for (;;) {
    const { status } = await server.call<{ status: string }>('GET', `/api/jobs/${id}`);
    if (status === state) return;
    if (['failed', 'cancelled', 'complete'].includes(status)) throw new Error(`${id} is ${status}, expected ${state}`);
    await sleep(100);
  }
}

/** Until trials come: before the first one, kernels may be compiled. */
export async function awaitTrials(server: ServerProcess, id: string): Promise<void> {
  await awaitJob(server, id, 'running');
  while ((await countTrials(server, id)) === 0) await sleep(200);
}

/** Trials that a study has recorded; none before it exists. */
export async function countTrials(server: ServerProcess, id: string): Promise<number> {
  const { items } = await server.call<{ items: { id: string; trials_recorded: number }[] }>('GET', '/api/studies?limit=100');
  return items.find((study) => study.id === id)?.trials_recorded ?? 0;
}

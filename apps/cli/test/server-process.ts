/** `quantbot serve` as users run it: a process of its own, in a workspace with candles, that tests may kill and start again. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPath } from '@quantbot/backtest';
import { openCatalogue, openStores, type Stores } from '@quantbot/storage';
import { createWorkspace, type Workspace } from '../src/workspace/workspace.ts';
import { toPriceCsv } from './candle-files.ts';
import { startCli, type CliRun } from './run-cli.ts';
import { CROSSOVER, request, type Answer, type CallOptions } from './server-room.ts';

export interface ServedWorkspace extends AsyncDisposable {
  readonly workspace: Workspace;
  /** Starts a server on a free port; several may serve the same workspace at a time. */
  serve(options?: ServeOptions): Promise<ServerProcess>;
  inStores<T>(look: (stores: Stores) => Promise<T>): Promise<T>;
}

export interface ServeOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ServerProcess {
  readonly url: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<CliRun>;
}

export interface WorkspaceOptions {
  /** The `server:` block of quantbot.yaml. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Where jobs and studies are kept; default: the workspace's SQLite file. */
  readonly databaseUrl?: string;
}

/** EURUSD hourly from January to early March 2024, and the strategy ma_crossover_strategy. */
export async function openServedWorkspace({ settings = {}, databaseUrl }: WorkspaceOptions = {}): Promise<ServedWorkspace> {
  const dir = await mkdtemp(join(tmpdir(), 'quantbot-served-test-'));
  const workspace = await createWorkspace(dir);
  // JSON is YAML.
  await writeFile(
    workspace.configPath,
    JSON.stringify({ version: 1, server: { rate_limit_per_s: 100_000, log_level: 'warn', ...settings } }),
  );
  await writeFile(join(workspace.strategiesDir, 'ma_crossover_strategy.yaml'), CROSSOVER);
  await importPrices(workspace);
  const env = { DATABASE_URL: databaseUrl ?? '' };
  const alive = new Set<ServerProcess>();
  return {
    workspace,
    async serve(options = {}) {
      const server = await startServer(dir, { ...options, env: { ...env, ...options.env } });
      alive.add(server);
      return server;
    },
    async inStores(look) {
      const location =
        databaseUrl === undefined
          ? ({ kind: 'sqlite', path: workspace.studiesPath } as const)
          : ({ kind: 'postgres', url: databaseUrl } as const);
      const stores = await openStores(location);
      try {
        return await look(stores);
      } finally {
        await stores.close();
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...alive].map((server) => server.end('SIGKILL')));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function importPrices({ root, dataDir }: Workspace): Promise<void> {
  const path = join(root, 'market', 'EURUSD_1h.csv');
  await mkdir(join(root, 'market'), { recursive: true });
  await writeFile(path, toPriceCsv());
  const catalogue = await openCatalogue(dataDir);
  try {
    await importPath({ catalogue, paths: [path] });
  } finally {
    await catalogue.close();
  }
}

const SERVES = /serves .* on (http:\/\/\S+) /;

async function startServer(cwd: string, { args = [], env = {} }: ServeOptions): Promise<ServerProcess> {
  let running: ReturnType<typeof startCli> | undefined;
  const url = await new Promise<string>((resolve, reject) => {
    running = startCli(['serve', '--port', '0', ...args], {
      cwd,
      env,
      onStderr(text) {
        const [, found] = SERVES.exec(text) ?? [];
        if (found !== undefined) resolve(found);
      },
    });
    running.ended.then(({ stderr, stdout }) => {
      reject(new Error(`the server ended: ${stderr}${stdout}`));
    }, reject);
  });
  const call: ServerProcess['call'] = (method, path, options) => request(url, { method, path, ...options });
  return {
    url,
    call,
    get: (path) => call('GET', path),
    end(signal) {
      if (running === undefined) throw new Error('the server has started');
      running.kill(signal);
      return running.ended;
    },
  };
}

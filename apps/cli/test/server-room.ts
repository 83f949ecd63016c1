/** A workspace with a market and a strategy, served on a free port of this machine, and a real HTTP client for it. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPath } from '@quantbot/backtest';
import { createApiKey, ServerSettingsSchema, type WrittenServerSettings } from '@quantbot/server';
import type { Role } from '@quantbot/core';
import { openCatalogue, openStores } from '@quantbot/storage';
import { WebSocket } from 'ws';
import { createContext } from '../src/context.ts';
import { openServer, type OpenServer } from '../src/server/open-server.ts';
import { createWorkspace, type Workspace } from '../src/workspace/workspace.ts';

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface ServerTestRoom extends AsyncDisposable {
  readonly workspace: Workspace;
  readonly url: string;
  readonly server: OpenServer['server'];
  /** Every log line so far. */
  readonly log: () => string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  get(path: string, options?: CallOptions): Promise<Answer>;
  connect(path: string, options?: ConstructorParameters<typeof WebSocket>[2]): WebSocket;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const CROSSOVER = `name: ma_crossover_strategy
parameters:
  fast: {default: 5, low: 3, high: 9, step: 2}
  slow: 20
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
  stop_loss: {type: percentage, value: 0.02}
`;

export async function openServerRoom(written: WrittenServerSettings = {}, env: NodeJS.ProcessEnv = {}): Promise<ServerTestRoom> {
  const dir = await mkdtemp(join(tmpdir(), 'quantbot-server-test-'));
  const workspace = await createWorkspace(dir);
  await writeFile(join(workspace.strategiesDir, 'ma_crossover_strategy.yaml'), CROSSOVER);
  await importMarket(workspace);
  const lines: string[] = [];
  const stdout = { write: (line: string) => lines.push(line) } as unknown as NodeJS.WriteStream;
  const context = { ...createContext(), stdout, cwd: dir, env };
  const settings = ServerSettingsSchema.parse({ port: 0, rate_limit_per_s: 100_000, log_level: 'info', ...written });
  const open = await openServer({ context, workspace, settings });
  const call: ServerTestRoom['call'] = (method, path, options) => request(open.url, { method, path, ...options });
  return {
    workspace,
    url: open.url,
    server: open.server,
    log: () => lines.join(''),
    call,
    get: (path, options) => call('GET', path, options),
    connect: (path, options) => new WebSocket(`${open.url.replace('http', 'ws')}${path}`, options),
    async [Symbol.asyncDispose]() {
      await open.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export async function request(
  url: string,
  { method, path, body, key, headers = {} }: CallOptions & { method: string; path: string },
): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: answer.status, headers: answer.headers, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : { text } };
}

/** Two months of hourly EURUSD that swing often enough to trade. */
async function importMarket({ root, dataDir }: Workspace): Promise<void> {
  const start = Date.UTC(2024, 0, 1) / 1000;
  const rows = Array.from({ length: 24 * 60 }, (_, hour) => {
    const price = (at: number): number => 1.1 + 0.01 * Math.sin(at / 9) + 0.004 * Math.sin(at / 2.3);
    const [open, close] = [price(hour), price(hour + 1)];
    return [start + hour * 3600, open, Math.max(open, close) + 0.0005, Math.min(open, close) - 0.0005, close, 100].join(',');
  });
  const path = join(root, 'market', 'EURUSD_1h.csv');
  await mkdir(join(root, 'market'), { recursive: true });
  await writeFile(path, `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`);
  const catalogue = await openCatalogue(dataDir);
  try {
    await importPath({ catalogue, paths: [path] });
  } finally {
    await catalogue.close();
  }
}

/** One key per role, as `quantbot keys create` makes them. */
export async function createKeys({ workspace }: ServerTestRoom): Promise<Readonly<Record<Role, string>>> {
  const stores = await openStores({ kind: 'sqlite', path: workspace.studiesPath });
  const create = async (role: Role): Promise<string> => {
    const { secret, prefix, sha256 } = createApiKey(randomBytes);
    await stores.keys.createKey({ id: `key-${role}`, name: role, role, prefix, sha256, createdAtMs: 0 });
    return secret;
  };
  try {
    return { read: await create('read'), run: await create('run'), admin: await create('admin') };
  } finally {
    await stores.close();
  }
}

/** The next messages of a socket, each as JSON, until `isLast`. */
export async function readMessages(
  socket: WebSocket,
  isLast: (message: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>[]> {
  const messages: Record<string, unknown>[] = [];
  return new Promise((resolve, reject) => {
    const onMessage = (data: Buffer): void => {
      const message = JSON.parse(data.toString('utf8')) as Record<string, unknown>;
      messages.push(message);
      if (!isLast(message)) return;
      socket.off('message', onMessage);
      resolve(messages);
    };
    socket.on('message', onMessage);
    socket.on('error', reject);
    socket.on('close', (code) => {
      reject(new Error(`closed with ${String(code)} after ${JSON.stringify(messages)}`));
    });
  });
}

const PATIENCE_MS = 170_000;

/** Asks until the answer fits. */
export async function until(ask: () => Promise<Answer>, fits: (answer: Answer) => boolean): Promise<Answer> {
  const endMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (Date.now() > endMs) throw new Error(`still ${JSON.stringify(answer.body)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * For tests: a real PostgreSQL of their own. QUANTBOT_TEST_DATABASE_URL names one that runs already; else a private server is started
 * from the system's packages, in a temporary folder and on a Unix socket that nobody else can reach.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const START_LIMIT_MS = 30_000;
const POLL_MS = 25;
const SOCKET_NAME = '.s.PGSQL.5432';

export interface PostgresServer {
  /** Where it listens; undefined for a server that was there already. */
  readonly socketPath: string | undefined;
  /** A new, empty schema; the URL makes it the current one. */
  createSchema(): Promise<string>;
  /** Runs a statement as the administrator. */
  run(statement: string): Promise<void>;
  close(): Promise<void>;
}

/** What starts the server, or why none can be started. */
export type PostgresSource =
  | { readonly url: string }
  | { readonly binaries: string; readonly asUser: { uid: number; gid: number } | undefined }
  | { readonly skipped: string };

function findBinaries(): string | undefined {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(DEBIAN_FOLDER, version, 'bin')), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

function findUserId(option: '-u' | '-g'): number | undefined {
  try {
    return Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return undefined;
  }
}

export function findPostgres(): PostgresSource {
  const url = process.env['QUANTBOT_TEST_DATABASE_URL'];
  if (url !== undefined && url !== '') return { url };
  const binaries = findBinaries();
  if (binaries === undefined) return { skipped: 'no PostgreSQL here: install it, or set QUANTBOT_TEST_DATABASE_URL' };
  if (process.getuid?.() !== 0) return { binaries, asUser: undefined };
  const uid = findUserId('-u');
  const gid = findUserId('-g');
  if (uid === undefined || gid === undefined) return { skipped: 'PostgreSQL does not run as root, and there is no user postgres' };
  return { binaries, asUser: { uid, gid } };
}

/** The server ends with the shell, and the shell when its input closes: also when the test process is killed. */
const KEEPER = '"$@" & server=$!; cat >/dev/null; kill -INT "$server"; wait "$server"; rm -rf "$0"';

function startServer(binaries: string, folder: string, identity: { uid?: number; gid?: number }): ChildProcess {
  const data = join(folder, 'data');
  const options = { cwd: folder, ...identity };
  execFileSync(
    join(binaries, 'initdb'),
    ['--pgdata', data, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { ...options, stdio: 'ignore' },
  );
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=off', 'max_connections=60'].flatMap((setting) => [
    '-c',
    setting,
  ]);
  return spawn('sh', ['-c', KEEPER, data, join(binaries, 'postgres'), '-D', data, ...settings], {
    ...options,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

async function withClient<T>(url: string, action: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await action(client);
  } finally {
    await client.end();
  }
}

async function waitUntilReady(url: string): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await withClient(url, (client) => client.query('SELECT 1'));
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await wait(POLL_MS);
  }
}

function toServer(url: string, socketPath: string | undefined, close: () => Promise<void>): PostgresServer {
  const run = async (statement: string): Promise<void> => {
    await withClient(url, (client) => client.query(statement));
  };
  return {
    socketPath,
    run,
    async createSchema() {
      const schema = `quantbot_test_${randomUUID().replaceAll('-', '')}`;
      await run(`CREATE SCHEMA ${schema}`);
      const ofSchema = new URL(url);
      ofSchema.searchParams.set('options', `-c search_path=${schema}`);
      return ofSchema.href;
    },
    close,
  };
}

/** Call it only when findPostgres found one. */
export async function startPostgres(): Promise<PostgresServer> {
  const source = findPostgres();
  if ('skipped' in source) throw new Error(source.skipped);
  if ('url' in source) return toServer(source.url, undefined, () => Promise.resolve());
  const folder = mkdtempSync(join(tmpdir(), 'quantbot-pg-'));
  if (source.asUser !== undefined) chownSync(folder, source.asUser.uid, source.asUser.gid);
  const keeper = startServer(source.binaries, folder, source.asUser ?? {});
  const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`;
  await waitUntilReady(url);
  return toServer(url, join(folder, SOCKET_NAME), async () => {
    const exited = once(keeper, 'exit');
    keeper.stdin?.end();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
}

/** Puts a server together from a workspace: stores, catalogue, engine, queue runner. The only place where all of them meet. */
import { randomBytes } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { rm } from 'node:fs/promises';
import { PythonEngine, toOwner } from '@quantbot/backtest';
import { createServer, startJobRunner, type JobRunner, type Server, type ServerSettings } from '@quantbot/server';
import { openCatalogue, openStores } from '@quantbot/storage';
import type { CliContext } from '../context.ts';
import { createStudyId } from '../studies/study-id.ts';
import { toStoreLocation } from '../studies/study-store.ts';
import { readConfig } from '../workspace/config.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { createJobHandlers } from './job-handlers.ts';
import { findJwtSecret } from './jwt-secret.ts';

export interface OpenServer {
  readonly server: Server;
  /** Where it listens. */
  readonly url: string;
  /** Takes no more work, lets what is under way come to a halt, and closes everything. */
  stop(): Promise<void>;
}

export interface ServerRequest {
  readonly context: CliContext;
  readonly workspace: Workspace;
  readonly settings: ServerSettings;
}

export async function openServer({ context, workspace, settings }: ServerRequest): Promise<OpenServer> {
  await using stack = new AsyncDisposableStack();
  const maxWorkers = availableParallelism();
  const location = toStoreLocation(workspace, context.env);
  const stores = stack.adopt(await openStores(location), (open) => open.close());
  const catalogue = stack.adopt(await openCatalogue(workspace.dataDir), (open) => open.close());
  const engine = stack.adopt(new PythonEngine({ maxProcesses: 1 }), (open) => {
    open.close();
  });
  const jobEngine = stack.adopt(new PythonEngine({ maxProcesses: Math.max(settings.max_concurrent, maxWorkers) }), (open) => {
    open.close();
  });
  const uploadsDir = join(workspace.dataDir, 'uploads');
  await rm(uploadsDir, { recursive: true, force: true });
  const { backtest } = await readConfig(workspace.configPath);
  let runner: JobRunner | undefined;
  const server = await createServer({
    settings,
    version: context.version,
    workspaceName: workspace.name,
    database: location.kind,
    folders: { root: workspace.root, runsDir: workspace.runsDir, strategiesDir: workspace.strategiesDir, uploadsDir },
    ...stores,
    catalogue,
    engine,
    defaults: backtest ?? {},
    fetchesCandles: false,
    runner: {
      wake: () => runner?.wake(),
      hurry: (id) => runner?.hurry(id),
      get running() {
        return runner?.running ?? 0;
      },
    },
    createId: () => createStudyId(context.nowMs()),
    nowMs: context.nowMs,
    randomBytes,
    jwtSecret: await findJwtSecret(
      context.env,
      settings.jwt_secret_file === null ? null : resolve(workspace.root, settings.jwt_secret_file),
    ),
    log: context.stdout,
  });
  stack.defer(() => server.close());
  const url = await server.listen();
  runner = startJobRunner({
    jobs: stores.jobs,
    handlers: createJobHandlers({ context, workspace, settings, stores, catalogue, engine: jobEngine, maxWorkers }),
    owner: toOwner(hostname(), process.pid),
    maxConcurrent: settings.max_concurrent,
    nowMs: context.nowMs,
    onChange: (job) => {
      server.publishJob(job);
    },
    onTrouble: (error) => {
      server.app.log.error({ err: error }, 'the queue could not be reached; it is tried again');
    },
  });
  stack.defer(() => runner?.stop(settings.drain_timeout_s * 1000));
  const open = stack.move();
  return {
    server,
    url,
    async stop() {
      server.drain();
      await open.disposeAsync();
    },
  };
}

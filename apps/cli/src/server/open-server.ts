/** Puts a server together from a workspace: stores, catalogue, engine, queue runner. The only place where all of them meet. */
import { randomBytes } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { rm } from 'node:fs/promises';
import { PythonEngine, toOwner } from '@quantbot/backtest';
import { createServer, startJobRunner, type JobRunner, type Server, type ServerRoom, type ServerSettings } from '@quantbot/server';
import type { MarketDataCatalogue } from '@quantbot/core';
import { openCatalogue, openStores, type Stores } from '@quantbot/storage';
import type { CliContext } from '../context.ts';
import { createStudyId } from '../studies/study-id.ts';
import { toStoreLocation } from '../studies/study-store.ts';
import { readConfig } from '../workspace/config.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { hasCandleServer } from './fetch-missing.ts';
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
  const opened = await openParts({ context, workspace, settings }, stack);
  const { stores, catalogue, engine, maxWorkers } = opened;
  const late: { runner: JobRunner | undefined } = { runner: undefined };
  const server = await createServer(await toRoom({ context, workspace, settings }, { ...opened, late }));
  stack.defer(() => server.close());
  const url = await server.listen();
  late.runner = startJobRunner({
    jobs: stores.jobs,
    handlers: createJobHandlers({ context, workspace, settings, stores, catalogue, engine, maxWorkers }),
    owner: toOwner(hostname(), process.pid),
    maxConcurrent: settings.max_concurrent,
    maxRuntimeMs: settings.max_runtime_s * 1000,
    root: workspace.root,
    nowMs: context.nowMs,
    onChange: (job) => {
      server.publishJob(job);
    },
    onTrouble: (error) => {
      server.app.log.error({ err: error }, 'a job or the queue is in trouble');
    },
  });
  stack.defer(() => late.runner?.stop(settings.drain_timeout_s * 1000));
  opened.askedEngine.warmUp();
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

interface Parts {
  readonly stores: Stores;
  readonly catalogue: MarketDataCatalogue;
  /** Runs the jobs. */
  readonly engine: PythonEngine;
  /** Most processes that one search may use. */
  readonly maxWorkers: number;
  /** Answers questions about strategies while all others are busy; warm from the start, since people wait for it. */
  readonly askedEngine: PythonEngine;
}

async function openParts({ context, workspace, settings }: ServerRequest, stack: AsyncDisposableStack): Promise<Parts> {
  const openEngine = (options: { maxProcesses: number; timeoutMs?: number }): PythonEngine =>
    stack.adopt(new PythonEngine(options), (engine) => {
      engine.close();
    });
  const maxWorkers = availableParallelism();
  return {
    maxWorkers,
    stores: stack.adopt(await openStores(toStoreLocation(workspace, context.env)), (open) => open.close()),
    catalogue: stack.adopt(await openCatalogue(workspace.dataDir), (open) => open.close()),
    engine: openEngine({ maxProcesses: Math.max(settings.max_concurrent, maxWorkers) }),
    // Whoever asked has long been answered by then; one strange strategy must not keep it from everybody.
    askedEngine: openEngine({ maxProcesses: 1, timeoutMs: settings.request_timeout_s * 1000 }),
  };
}

type LateParts = Parts & { readonly late: { readonly runner: JobRunner | undefined } };

async function toRoom(
  { context, workspace, settings }: ServerRequest,
  { stores, catalogue, askedEngine, late }: LateParts,
): Promise<ServerRoom> {
  const uploadsDir = join(workspace.dataDir, 'uploads');
  // What an earlier server left behind when it was killed.
  await rm(uploadsDir, { recursive: true, force: true });
  const { backtest } = await readConfig(workspace.configPath);
  const secretFile = settings.jwt_secret_file === null ? null : resolve(workspace.root, settings.jwt_secret_file);
  return {
    settings,
    version: context.version,
    workspaceName: workspace.name,
    database: toStoreLocation(workspace, context.env).kind,
    folders: { root: workspace.root, runsDir: workspace.runsDir, strategiesDir: workspace.strategiesDir, uploadsDir },
    ...stores,
    catalogue,
    engine: askedEngine,
    defaults: backtest ?? {},
    fetchesCandles: hasCandleServer(context.env),
    runner: {
      wake: () => late.runner?.wake(),
      hurry: (id) => late.runner?.hurry(id),
      get running() {
        return late.runner?.running ?? 0;
      },
    },
    createId: () => createStudyId(context.nowMs()),
    nowMs: context.nowMs,
    randomBytes,
    jwtSecret: await findJwtSecret(context.env, secretFile),
    log: context.stdout,
  };
}

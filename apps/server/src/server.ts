/** Puts the server together: plugins, guards, routes of the contracts, live events. Nothing listens until `listen`. */
import { API_ROUTES, AppError, LIVE_ROUTES, toJobView, toOpenApi, type Job, type RouteContract } from '@quantbot/core';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { createAuthDesk, type AuthDesk } from './auth/authenticate.ts';
import { createHttpErrorHandler, refuseBrokenHandshakes, sendRouterError } from './http/broken-http.ts';
import { sendError, toParseError } from './http/errors.ts';
import { logTrouble, toLogOptions, toRequestId } from './http/log.ts';
import { addHooks, registerDocs, registerPlugins } from './http/plugins.ts';
import { registerRoute, type ApiHandlers } from './http/register-route.ts';
import { createHub, type Hub } from './live/hub.ts';
import { startPoller } from './live/poller.ts';
import { registerSockets, type Sockets } from './live/sockets.ts';
import { toProgressEvent } from './live/topic-state.ts';
import { createMetrics } from './metrics.ts';
import { createResults } from './results/read-result.ts';
import { hideRoot } from './results/relative-paths.ts';
import type { ServerRoom } from './room.ts';
import { createBacktestHandlers } from './routes/backtests.ts';
import { createDataHandlers } from './routes/data.ts';
import { createJobHandlers } from './routes/jobs.ts';
import { createOptimisationHandlers } from './routes/optimisation.ts';
import { createReportHandlers } from './routes/reports.ts';
import { createStrategyHandlers } from './routes/strategies.ts';
import { createStudyHandlers } from './routes/studies.ts';
import { createSystemHandlers, type SystemRoom } from './routes/system.ts';
import { createTrialHandlers } from './routes/trials.ts';
import { createV1BaselineHandlers } from './routes/v1-baseline.ts';
import { refuseOpenDoor } from './settings.ts';

export interface Server {
  readonly app: FastifyInstance;
  readonly hub: Hub;
  /** The runner tells every change of a job here: it becomes events of `backtest:`, `study:` and `system`. */
  publishJob(job: Job): void;
  /** Where it listens, such as http://127.0.0.1:3001. */
  listen(): Promise<string>;
  /** Not ready any more, from now on; requests are still answered. */
  drain(): void;
  close(): Promise<void>;
}

/** Throws INVALID_CONFIG for an open address without authentication. */
export async function createServer(room: ServerRoom): Promise<Server> {
  refuseOpenDoor(room.settings);
  const app = createApp(room);
  const hub = createHub({ epoch: room.randomBytes(9).toString('base64url'), nowMs: room.nowMs });
  const state: ServerState = { isDraining: false, sockets: undefined };
  const metrics = createMetrics(room, () => state.sockets?.count ?? 0);
  const desk = createAuthDesk(room);
  await registerPlugins(app, room.settings);
  addHooks(app, { settings: room.settings, nowMs: room.nowMs, desk, metrics });
  const openApi = toOpenApi(Object.values<RouteContract>(API_ROUTES), { version: room.version });
  await registerDocs(app, openApi);
  const system = {
    room,
    desk,
    metrics,
    openApi,
    serverId: hub.epoch,
    startedAtMs: room.nowMs(),
    isDraining: () => state.isDraining,
    countSockets: () => state.sockets?.count ?? 0,
  };
  registerRoutes(app, createHandlers(system));
  goLive(app, { room, hub, state, desk });
  await app.ready();
  return {
    app,
    hub,
    publishJob: (job) => {
      publishJob(hub, job);
    },
    listen: () => app.listen({ host: room.settings.host, port: room.settings.port }),
    drain() {
      state.isDraining = true;
    },
    close: () => app.close(),
  };
}

interface ServerState {
  isDraining: boolean;
  sockets: Sockets | undefined;
}

function createHandlers(system: SystemRoom): ApiHandlers {
  const { room } = system;
  const results = createResults(room.folders.runsDir);
  return {
    ...createBacktestHandlers(room, results),
    ...createOptimisationHandlers(room, results),
    ...createStudyHandlers(room),
    ...createTrialHandlers(room),
    ...createDataHandlers(room),
    ...createStrategyHandlers(room),
    ...createV1BaselineHandlers(room, results),
    ...createReportHandlers(room),
    ...createJobHandlers(room),
    ...createSystemHandlers(system),
  };
}

interface LiveParts {
  readonly room: ServerRoom;
  readonly hub: Hub;
  readonly state: ServerState;
  readonly desk: AuthDesk;
}

function goLive(app: FastifyInstance, { room, hub, state, desk }: LiveParts): void {
  const live = { hub, jobs: room.jobs, studies: room.studies, nowMs: room.nowMs };
  const sockets = registerSockets(app, live, {
    settings: room.settings,
    isRevoked: desk.isRevoked,
    onTrouble: logTrouble(app.log, 'looking for revoked keys failed'),
  });
  state.sockets = sockets;
  refuseBrokenHandshakes(app, createRequestIds(room));
  const poller = startPoller(live, logTrouble(app.log, 'looking for changes of other processes failed'));
  app.addHook('preClose', async () => {
    poller.stop();
    sockets.close();
    hub.close();
  });
}

function createRequestIds({ randomBytes }: ServerRoom): () => string {
  return () => randomBytes(9).toString('base64url');
}

const HEADERS_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 60_000;

function createApp(room: ServerRoom): FastifyInstance {
  const timeoutMs = room.settings.request_timeout_s * 1000;
  const createId = createRequestIds(room);
  const app = Fastify({
    logger: toLogOptions(room),
    genReqId: (request) => toRequestId(request.headers['x-request-id'], createId),
    clientErrorHandler: createHttpErrorHandler(createId),
    frameworkErrors: sendRouterError,
    // The guard of names refuses requests without one, in our words.
    http: { requireHostHeader: false },
    trustProxy: room.settings.trusted_proxies.length === 0 ? false : [...room.settings.trusted_proxies],
    bodyLimit: room.settings.max_body_bytes,
    requestTimeout: timeoutMs,
    handlerTimeout: timeoutMs,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    routerOptions: { maxParamLength: 200 },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  });
  app.server.headersTimeout = HEADERS_TIMEOUT_MS;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => sendError(hideRoot(toParseError(error), room.folders.root), request, reply));
  app.setNotFoundHandler((request, reply) =>
    sendError(new AppError('NOT_FOUND', `there is no ${request.method} ${request.url.split('?')[0] ?? ''}; see /docs`), request, reply),
  );
  return app;
}

/** Compile time knows every contract has a handler; this is for handlers that were made by other means. */
function registerRoutes(app: FastifyInstance, handlers: ApiHandlers): void {
  const live = new Set<string>(Object.keys(LIVE_ROUTES));
  for (const [name, contract] of Object.entries<RouteContract>(API_ROUTES)) {
    if (live.has(name)) continue;
    const handler = handlers[name as keyof ApiHandlers] as Parameters<typeof registerRoute>[2] | undefined;
    if (handler === undefined) throw new Error(`the contract ${name} has no handler`);
    registerRoute(app, contract, handler);
  }
}

function publishJob(hub: Hub, job: Job): void {
  const event = toProgressEvent(toJobView(job));
  hub.publish(`backtest:${job.id}`, event);
  if (job.studyId !== null) {
    const { backtest_id: id, ...rest } = event;
    hub.publish(`study:${job.studyId}`, { ...rest, kind: event.kind, study_id: job.studyId, job_id: id });
  }
  if (event.kind === 'state') hub.publish('system', { kind: 'queue', id: job.id, job_kind: job.kind, status: job.state });
}

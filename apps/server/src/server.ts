/** Puts the server together: plugins, guards, routes of the contracts, live events. Nothing listens until `listen`. */
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import websocket from '@fastify/websocket';
import { API_ROUTES, AppError, LIVE_ROUTES, toJobView, toOpenApi, type Job, type RouteContract } from '@quantbot/core';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { createAuthDesk, refuseLowerRole, type AuthDesk } from './auth/authenticate.ts';
import { sendError, toParseError } from './http/errors.ts';
import { createHostGuard, createOriginGuard } from './http/guards.ts';
import { logTrouble, toLogOptions, toRequestId } from './http/log.ts';
import { registerRoute, type ApiHandlers } from './http/register-route.ts';
import { createHub, type Hub } from './live/hub.ts';
import { startPoller } from './live/poller.ts';
import { registerSockets, type Sockets } from './live/sockets.ts';
import { toProgressEvent } from './live/topic-state.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createResults } from './results/read-result.ts';
import type { ServerRoom } from './room.ts';
import { createBacktestHandlers } from './routes/backtests.ts';
import { createDataHandlers } from './routes/data.ts';
import { createJobHandlers } from './routes/jobs.ts';
import { createOptimisationHandlers } from './routes/optimisation.ts';
import { createReportHandlers } from './routes/reports.ts';
import { createStrategyHandlers } from './routes/strategies.ts';
import { createStudyHandlers } from './routes/studies.ts';
import { createSystemHandlers } from './routes/system.ts';
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
  let isDraining = false;
  let sockets: Sockets | undefined;
  const countSockets = (): number => sockets?.count ?? 0;
  const metrics = createMetrics(room, countSockets);
  const desk = createAuthDesk(room);
  await registerPlugins(app, room);
  addHooks(app, { room, desk, metrics });
  const openApi = toOpenApi(Object.values<RouteContract>(API_ROUTES), { version: room.version });
  await registerDocs(app, openApi);
  const results = createResults(room.folders.runsDir);
  registerRoutes(app, {
    ...createBacktestHandlers(room, results),
    ...createOptimisationHandlers(room),
    ...createStudyHandlers(room),
    ...createTrialHandlers(room),
    ...createDataHandlers(room),
    ...createStrategyHandlers(room),
    ...createV1BaselineHandlers(room, results),
    ...createReportHandlers(room),
    ...createJobHandlers(room),
    ...createSystemHandlers({
      room,
      desk,
      metrics,
      openApi,
      serverId: hub.epoch,
      startedAtMs: room.nowMs(),
      isDraining: () => isDraining,
      countSockets,
    }),
  });
  const live = { hub, jobs: room.jobs, studies: room.studies, nowMs: room.nowMs };
  sockets = registerSockets(app, live, room.settings);
  const poller = startPoller(live, logTrouble(app.log, 'looking for changes of other processes failed'));
  app.addHook('preClose', async () => {
    poller.stop();
    sockets?.close();
    hub.close();
  });
  await app.ready();
  return {
    app,
    hub,
    publishJob: (job) => {
      publishJob(hub, job);
    },
    listen: () => app.listen({ host: room.settings.host, port: room.settings.port }),
    drain() {
      isDraining = true;
    },
    close: () => app.close(),
  };
}

const HEADERS_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 60_000;

function createApp(room: ServerRoom): FastifyInstance {
  const timeoutMs = room.settings.request_timeout_s * 1000;
  const app = Fastify({
    logger: toLogOptions(room),
    genReqId: (request) => toRequestId(request.headers['x-request-id'], () => room.randomBytes(9).toString('base64url')),
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
  app.setErrorHandler((error, request, reply) => sendError(toParseError(error), request, reply));
  app.setNotFoundHandler((request, reply) =>
    sendError(new AppError('NOT_FOUND', `there is no ${request.method} ${request.url.split('?')[0] ?? ''}; see /docs`), request, reply),
  );
  return app;
}

async function registerPlugins(app: FastifyInstance, { settings }: ServerRoom): Promise<void> {
  const guards = [createHostGuard(settings), createOriginGuard(settings)];
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    for (const guard of guards) guard(request);
  });
  await app.register(helmet, {
    // HTTPS is the business of a proxy; without one, asking for it would lock people out.
    hsts: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
    },
  });
  await app.register(cors, {
    origin: [...settings.cors_origins],
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: 600,
  });
  await app.register(rateLimit, {
    max: settings.rate_limit_per_s,
    timeWindow: 1_000,
    cache: 10_000,
    allowList: (request) => request.url === '/health',
    errorResponseBuilder: (_request, { max }) => new AppError('RATE_LIMITED', `more than ${max} requests in a second; wait a moment`),
  });
  await app.register(multipart, { limits: { files: 1, fields: 0, fileSize: settings.max_upload_bytes }, throwFileSizeLimit: false });
  await app.register(websocket, { options: { perMessageDeflate: false, maxPayload: 64 * 1024, clientTracking: true } });
}

interface HookRoom {
  readonly room: ServerRoom;
  readonly desk: AuthDesk;
  readonly metrics: Metrics;
}

const DOCS = '/docs';

function addHooks(app: FastifyInstance, { desk, metrics }: HookRoom): void {
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request) => {
    const { contract } = request.routeOptions.config;
    const isOpen = contract?.role === 'public' || request.is404 || request.method === 'OPTIONS' || isDocs(request.routeOptions.url);
    if (isOpen) return;
    if (contract === undefined) throw new AppError('FORBIDDEN', 'this address has no contract');
    const principal = await desk.identify(request);
    refuseLowerRole(principal, contract.role);
    request.principal = principal;
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.config.contract?.path ?? 'other';
    metrics.recordRequest({ method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
  });
}

function isDocs(url: string | undefined): boolean {
  return url === DOCS || url?.startsWith(`${DOCS}/`) === true;
}

/** The readable documentation comes with the package, so it works without the internet. */
async function registerDocs(app: FastifyInstance, openApi: Record<string, unknown>): Promise<void> {
  await app.register(swagger, { mode: 'static', specification: { document: openApi as never } });
  await app.register(swaggerUi, {
    routePrefix: DOCS,
    uiConfig: { docExpansion: 'none', deepLinking: true, displayRequestDuration: true },
    staticCSP:
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'",
  });
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
  if (job.studyId !== null) hub.publish(`study:${job.studyId}`, event);
  if (event.kind === 'state') hub.publish('system', { kind: 'queue', id: job.id, job_kind: job.kind, status: job.state });
}

/** What every request passes before its route: guards, headers, limits, and the question who calls. */
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import websocket from '@fastify/websocket';
import { AppError, type RouteContract } from '@quantbot/core';
import type { FastifyInstance } from 'fastify';
import { refuseLowerRole, type AuthDesk } from '../auth/authenticate.ts';
import { createKeyLimit } from '../auth/key-limits.ts';
import type { Metrics } from '../metrics.ts';
import type { ServerSettings } from '../settings.ts';
import { createHostGuard, createOriginGuard } from './guards.ts';

export async function registerPlugins(app: FastifyInstance, settings: ServerSettings): Promise<void> {
  // First: it ends the connections of upgrades that a later hook refuses.
  await app.register(websocket, { options: { perMessageDeflate: false, maxPayload: 64 * 1024, clientTracking: true } });
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
}

interface HookRoom {
  readonly settings: ServerSettings;
  readonly nowMs: () => number;
  readonly desk: AuthDesk;
  readonly metrics: Metrics;
}

const DOCS = '/docs';

export function addHooks(app: FastifyInstance, room: HookRoom): void {
  const { desk, metrics } = room;
  const takeShare = createShares(room);
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request) => {
    const { contract } = request.routeOptions.config;
    const isOpen = contract?.role === 'public' || request.is404 || request.method === 'OPTIONS' || isDocs(request.routeOptions.url);
    if (isOpen) return;
    if (contract === undefined) throw new AppError('FORBIDDEN', 'this address has no contract');
    const principal = await desk.identify(request);
    refuseLowerRole(principal, contract.role);
    takeShare(principal.id, contract);
    request.principal = principal;
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.config.contract?.path ?? 'other';
    metrics.recordRequest({ method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
  });
}

/** Without authentication everybody is the same caller, and their address is all there is to count by. */
function createShares({ settings, nowMs }: HookRoom): (keyId: string, contract: RouteContract) => void {
  if (settings.auth === 'off') return () => undefined;
  const requests = createKeyLimit({ what: 'requests in a second', max: settings.rate_limit_per_s, windowMs: 1_000 }, nowMs);
  const submissions = createKeyLimit({ what: 'submissions in a minute', max: settings.max_submissions_per_min, windowMs: 60_000 }, nowMs);
  return (keyId, contract) => {
    requests.take(keyId);
    if (isSubmission(contract)) submissions.take(keyId);
  };
}

/** Stopping work is never counted. */
function isSubmission({ status, body }: RouteContract): boolean {
  return status === 202 && body !== undefined;
}

function isDocs(url: string | undefined): boolean {
  return url === DOCS || url?.startsWith(`${DOCS}/`) === true;
}

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><text x="0" y="28" font-family="sans-serif" font-size="24" fill="#fff">quantbot</text></svg>';

/** The readable documentation comes with the package, so it works without the internet. */
export async function registerDocs(app: FastifyInstance, openApi: Record<string, unknown>): Promise<void> {
  await app.register(swagger, { mode: 'static', specification: { document: openApi as never } });
  await app.register(swaggerUi, {
    routePrefix: DOCS,
    uiConfig: { docExpansion: 'none', deepLinking: true, displayRequestDuration: true },
    theme: { title: 'quantbot API' },
    logo: { type: 'image/svg+xml', content: Buffer.from(LOGO), href: DOCS, target: '_self' },
    staticCSP:
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'",
  });
}

/** The server itself: health, readiness, metrics, versions, tokens and tickets. */
import { AppError, type SYSTEM_ROUTES } from '@quantbot/core';
import type { AuthDesk } from '../auth/authenticate.ts';
import type { Handlers } from '../http/register-route.ts';
import type { Metrics } from '../metrics.ts';
import type { ServerRoom } from '../room.ts';

export interface SystemRoom {
  readonly room: ServerRoom;
  readonly desk: AuthDesk;
  readonly metrics: Metrics;
  readonly openApi: Record<string, unknown>;
  readonly serverId: string;
  readonly startedAtMs: number;
  readonly isDraining: () => boolean;
  readonly countSockets: () => number;
}

export function createSystemHandlers(system: SystemRoom): Handlers<typeof SYSTEM_ROUTES> {
  const { room, desk, metrics, openApi } = system;
  return {
    getHealth: () => ({ status: 'ok', version: room.version, uptime_s: toUptimeS(system) }),
    async getReadiness() {
      if (system.isDraining()) throw new AppError('STORE_UNREACHABLE', 'the server is shutting down');
      await room.jobs.countByState();
      return { status: 'ready' };
    },
    async getMetrics({ reply }) {
      return reply.type(metrics.contentType).send(await metrics.render());
    },
    getOpenApi: () => openApi,
    getSystem: () => describeSystem(system),
    async createToken({ body, request }) {
      if (room.settings.auth === 'off') throw new AppError('INVALID_REQUEST', 'authentication is off on this server: no token is needed');
      const principal = await desk.exchange(body.api_key, request.ip);
      const { token, expiresAtMs } = await desk.tokens.sign(principal);
      return { token, token_type: 'Bearer', role: principal.role, expires_at: new Date(expiresAtMs).toISOString() };
    },
    createTicket({ principal }) {
      const { ticket, expiresAtMs } = desk.tickets.issue(principal);
      return { ticket, expires_at: new Date(expiresAtMs).toISOString() };
    },
    whoAmI: ({ principal: { id, role } }) => ({ id, role }),
  };
}

function toUptimeS({ room, startedAtMs }: SystemRoom): number {
  return (room.nowMs() - startedAtMs) / 1000;
}

async function describeSystem(system: SystemRoom): Promise<Awaited<ReturnType<Handlers<typeof SYSTEM_ROUTES>['getSystem']>>> {
  const { room } = system;
  const { settings } = room;
  const { max_queued, max_concurrent, max_combinations, max_candles, max_body_bytes, max_upload_bytes } = settings;
  return {
    version: room.version,
    node_version: process.version,
    server_id: system.serverId,
    started_at: new Date(system.startedAtMs).toISOString(),
    uptime_s: toUptimeS(system),
    workspace: room.workspaceName,
    database: room.database,
    authentication: settings.auth,
    queue: { ...(await room.jobs.countByState()) },
    runner: { runs_jobs: room.runner !== null, running: room.runner?.running ?? 0 },
    websocket_clients: system.countSockets(),
    memory_bytes: process.memoryUsage.rss(),
    limits: { max_queued, max_concurrent, max_combinations, max_candles, max_body_bytes, max_upload_bytes },
  };
}

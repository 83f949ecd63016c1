/** The WebSocket routes, and the timers that all connections share. */
import { AppError, LIVE_ROUTES } from '@quantbot/core';
import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { ServerSettings } from '../settings.ts';
import { getJob } from '../results/read-result.ts';
import { openBacktestSocket, openConnection, type Connection, type LiveRoom } from './connection.ts';

const SWEEP_EVERY_MS = 250;
const HEARTBEAT_EVERY_MS = 30_000;
const CLOSE_GOING_AWAY = 1001;
const CLOSE_TRY_LATER = 1013;

export interface Sockets {
  readonly count: number;
  /** Says good-bye to all. */
  close(): void;
}

export function registerSockets(app: FastifyInstance, room: LiveRoom, settings: ServerSettings): Sockets {
  const open = new Map<WebSocket, Connection>();
  const admit = createAdmission(open, settings.max_sockets);
  const { openLive, watchBacktest, watchBacktestAlias } = LIVE_ROUTES;
  app.route({
    method: 'GET',
    url: openLive.path,
    config: { contract: openLive },
    schema: { querystring: openLive.query },
    handler: refusePlainRequest,
    wsHandler: (socket) => {
      admit(socket, () => openConnection(room, socket));
    },
  });
  for (const contract of [watchBacktest, watchBacktestAlias]) {
    app.route<{ Params: { id: string } }>({
      method: 'GET',
      url: contract.path,
      config: { contract },
      schema: { params: contract.params, querystring: contract.query },
      preHandler: async ({ params }) => {
        await getJob(room.jobs, params.id);
      },
      handler: refusePlainRequest,
      wsHandler: (socket, { params }) => {
        admit(socket, () => openBacktestSocket(room, socket, (params).id));
      },
    });
  }
  const timers = startTimers(open);
  return {
    get count() {
      return open.size;
    },
    close() {
      timers.forEach(clearInterval);
      for (const socket of open.keys()) socket.close(CLOSE_GOING_AWAY, 'the server is shutting down');
    },
  };
}

function refusePlainRequest(): never {
  throw new AppError('INVALID_REQUEST', 'this address is a WebSocket: connect to it with ws://, not with a plain request');
}

type Admission = (socket: WebSocket, connect: () => Connection | Promise<Connection>) => void;

function createAdmission(open: Map<WebSocket, Connection>, maxSockets: number): Admission {
  return (socket, connect) => {
    if (open.size >= maxSockets) {
      socket.close(CLOSE_TRY_LATER, 'too many sockets');
      return;
    }
    open.set(socket, { sweep: () => undefined, checkAlive: () => true });
    socket.on('close', () => open.delete(socket));
    Promise.resolve(connect()).then(
      (connection) => {
        if (open.has(socket)) open.set(socket, connection);
      },
      () => {
        socket.terminate();
      },
    );
  };
}

function startTimers(open: ReadonlyMap<WebSocket, Connection>): readonly NodeJS.Timeout[] {
  return [
    setInterval(() => {
      for (const connection of open.values()) connection.sweep();
    }, SWEEP_EVERY_MS),
    setInterval(() => {
      for (const [socket, connection] of open) if (!connection.checkAlive()) socket.terminate();
    }, HEARTBEAT_EVERY_MS),
  ];
}

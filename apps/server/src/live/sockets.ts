/** The WebSocket routes, and the timers that all connections share. */
import { AppError, LIVE_ROUTES } from '@quantbot/core';
import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { ServerSettings } from '../settings.ts';
import { getJob } from '../results/read-result.ts';
import { openBacktestSocket, openConnection, type Connection, type LiveRoom } from './connection.ts';

const SWEEP_EVERY_MS = 250;
const HEARTBEAT_EVERY_MS = 30_000;
const REVOCATIONS_EVERY_MS = 5_000;
const CLOSE_POLICY = 1008;
const CLOSE_GOING_AWAY = 1001;
const CLOSE_TRY_LATER = 1013;

export interface Sockets {
  readonly count: number;
  /** Says good-bye to all. */
  close(): void;
}

interface Gate {
  readonly settings: ServerSettings;
  readonly isRevoked: (keyId: string) => Promise<boolean>;
  readonly onTrouble: (error: unknown) => void;
}

interface OpenSocket {
  readonly keyId: string;
  connection: Connection;
}

type OpenSockets = Map<WebSocket, OpenSocket>;

export function registerSockets(app: FastifyInstance, room: LiveRoom, gate: Gate): Sockets {
  const open: OpenSockets = new Map();
  const admit = createAdmission(open, gate.settings);
  const { openLive, watchBacktest, watchBacktestAlias } = LIVE_ROUTES;
  app.route({
    method: 'GET',
    url: openLive.path,
    config: { contract: openLive },
    schema: { querystring: openLive.query },
    handler: refusePlainRequest,
    wsHandler: (socket, { principal }) => {
      admit(socket, principal.id, () => openConnection(room, socket));
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
      wsHandler: (socket, { params, principal }) => {
        admit(socket, principal.id, () => openBacktestSocket(room, socket, params.id));
      },
    });
  }
  const timers = startTimers(open, gate);
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

type Admission = (socket: WebSocket, keyId: string, connect: () => Connection | Promise<Connection>) => void;

function createAdmission(open: OpenSockets, settings: ServerSettings): Admission {
  return (socket, keyId, connect) => {
    if (isFull(open, settings, keyId)) {
      socket.close(CLOSE_TRY_LATER, 'too many sockets');
      return;
    }
    const entry: OpenSocket = { keyId, connection: { sweep: () => undefined, checkAlive: () => true } };
    open.set(socket, entry);
    socket.on('close', () => open.delete(socket));
    Promise.resolve(connect()).then(
      (connection) => {
        entry.connection = connection;
      },
      () => {
        socket.terminate();
      },
    );
  };
}

/** Without authentication all sockets are of the same caller, and only their number is limited. */
function isFull(open: OpenSockets, { auth, max_sockets: max, max_sockets_per_key: maxPerKey }: ServerSettings, keyId: string): boolean {
  if (open.size >= max) return true;
  if (auth === 'off' || open.size < maxPerKey) return false;
  let own = 0;
  for (const socket of open.values()) if (socket.keyId === keyId) own += 1;
  return own >= maxPerKey;
}

function startTimers(open: OpenSockets, gate: Gate): readonly NodeJS.Timeout[] {
  return [
    setInterval(() => {
      for (const { connection } of open.values()) connection.sweep();
    }, SWEEP_EVERY_MS),
    setInterval(() => {
      for (const [socket, { connection }] of open) if (!connection.checkAlive()) socket.terminate();
    }, HEARTBEAT_EVERY_MS),
    setInterval(() => {
      closeRevoked(open, gate).catch(gate.onTrouble);
    }, REVOCATIONS_EVERY_MS),
  ];
}

/** A socket is let in once; its key may end later. */
async function closeRevoked(open: OpenSockets, { isRevoked }: Gate): Promise<void> {
  for (const [socket, { keyId }] of open) if (await isRevoked(keyId)) socket.close(CLOSE_POLICY, 'the key has ended');
}

/** Who calls, and whether they may: every route names the least role in its contract, and what has no contract is refused. */
import { AppError, ROLES, type KeyStore, type Role } from '@quantbot/core';
import type { FastifyRequest } from 'fastify';
import type { Principal, ServerRoom } from '../room.ts';
import { hashApiKey } from './api-key.ts';
import { createLockout, type Lockout } from './lockout.ts';
import { createTickets, createTokens, type Tickets, type Tokens } from './tokens.ts';

export interface AuthDesk {
  readonly tokens: Tokens;
  readonly tickets: Tickets;
  /** Throws UNAUTHENTICATED, or RATE_LIMITED after too many failures. */
  readonly identify: (request: FastifyRequest) => Promise<Principal>;
  /** The principal of an API key. Failures count like those of requests. */
  readonly exchange: (secret: string, address: string) => Promise<Principal>;
  /** Whether the key of a principal has ended; what is known of it is at most five seconds old. */
  readonly isRevoked: (id: string) => Promise<boolean>;
}

const EVERYBODY_HERE: Principal = { id: 'local', role: 'admin' };

export function createAuthDesk(room: ServerRoom): AuthDesk {
  const { settings, nowMs, randomBytes } = room;
  const lockout = createLockout(nowMs);
  const tokens = createTokens({ secret: room.jwtSecret, ttlS: settings.token_ttl_s, nowMs });
  const tickets = createTickets({ randomBytes, nowMs });
  const isRevoked = createRevocations(room.keys, nowMs);
  const guarded = { lockout, room };
  return {
    tokens,
    tickets,
    isRevoked: async (id) => settings.auth === 'keys' && (await isRevoked(id)),
    exchange: (secret, address) => withLockout(guarded, address, () => findByKey(room, secret)),
    async identify(request) {
      if (settings.auth === 'off') return EVERYBODY_HERE;
      const ticket = readTicket(request);
      const secret = ticket ?? readBearer(request);
      if (secret === undefined) {
        throw new AppError(
          'UNAUTHENTICATED',
          'expected a key in the header `Authorization: Bearer KEY`, found none; an admin makes one with `quantbot keys create`',
        );
      }
      return withLockout(guarded, request.ip, async () => {
        if (ticket !== undefined) return tickets.redeem(ticket);
        if (secret.startsWith('qb_')) return findByKey(room, secret);
        const principal = await tokens.verify(secret);
        return principal === undefined || (await isRevoked(principal.id)) ? undefined : principal;
      });
    },
  };
}

export function refuseLowerRole(principal: Principal, needed: Role): void {
  if (ROLES.indexOf(principal.role) >= ROLES.indexOf(needed)) return;
  throw new AppError('FORBIDDEN', `this needs a key with the role ${needed}, found one with the role ${principal.role}`);
}

interface Guarded {
  readonly lockout: Lockout;
  readonly room: ServerRoom;
}

async function withLockout({ lockout }: Guarded, address: string, find: () => Promise<Principal | undefined>): Promise<Principal> {
  if (lockout.isLocked(address)) throw new AppError('RATE_LIMITED', 'too many keys from this address were wrong; wait a minute');
  const principal = await find();
  if (principal !== undefined) return principal;
  lockout.recordFailure(address);
  throw new AppError('UNAUTHENTICATED', 'expected a valid key or token, found one that is unknown, revoked or too old');
}

async function findByKey({ keys, nowMs }: ServerRoom, secret: string): Promise<Principal | undefined> {
  const key = await keys.findKeyByHash(hashApiKey(secret));
  if (key === undefined || key.revokedAtMs !== null) return undefined;
  await keys.touchKey(key.id, nowMs());
  return { id: key.id, role: key.role };
}

const LOOK_EVERY_MS = 5_000;

/** Tokens of a key that was revoked end with it, at most five seconds later. */
function createRevocations(keys: KeyStore, nowMs: () => number): (id: string) => Promise<boolean> {
  let valid = new Set<string>();
  let readAtMs = Number.NEGATIVE_INFINITY;
  return async (id) => {
    // Either way: a clock that was put back must not keep a key alive.
    if (Math.abs(nowMs() - readAtMs) > LOOK_EVERY_MS) {
      const all = await keys.listKeys();
      valid = new Set(all.filter(({ revokedAtMs }) => revokedAtMs === null).map((key) => key.id));
      readAtMs = nowMs();
    }
    return !valid.has(id);
  };
}

function readBearer({ headers }: FastifyRequest): string | undefined {
  const match = /^Bearer ([\w.~+/=-]{8,4096})$/i.exec(headers.authorization ?? '');
  return match?.[1];
}

function readTicket({ query, headers }: FastifyRequest): string | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket' || typeof query !== 'object' || query === null || !('ticket' in query))
    return undefined;
  return typeof query.ticket === 'string' ? query.ticket : undefined;
}

/** Short-lived tokens (JWT, HS256) made from a key, and one-time tickets for the WebSockets of browsers, which cannot send headers. */
import { ROLES, type Role } from '@quantbot/core';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Principal } from '../room.ts';

const ISSUER = 'quantbot';
const ClaimsSchema = z.object({ sub: z.string().min(1), role: z.enum(ROLES) });

export interface Tokens {
  sign(principal: Principal): Promise<{ readonly token: string; readonly expiresAtMs: number }>;
  /** undefined: not ours, changed, or too old. */
  verify(token: string): Promise<Principal | undefined>;
}

export function createTokens({ secret, ttlS, nowMs }: { secret: Uint8Array; ttlS: number; nowMs: () => number }): Tokens {
  return {
    async sign({ id, role }: { id: string; role: Role }) {
      const issuedS = Math.floor(nowMs() / 1000);
      const token = await new SignJWT({ role })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setSubject(id)
        .setIssuedAt(issuedS)
        .setExpirationTime(issuedS + ttlS)
        .sign(secret);
      return { token, expiresAtMs: (issuedS + ttlS) * 1000 };
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'], issuer: ISSUER, currentDate: new Date(nowMs()) });
        const { sub, role } = ClaimsSchema.parse(payload);
        return { id: sub, role };
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
        throw error;
      }
    },
  };
}

const TICKET_LIFE_MS = 30_000;
const MAX_TICKETS = 10_000;

export interface Tickets {
  issue(principal: Principal): { readonly ticket: string; readonly expiresAtMs: number };
  /** A ticket opens one door once. */
  redeem(ticket: string): Principal | undefined;
}

export function createTickets({ randomBytes, nowMs }: { randomBytes: (count: number) => Buffer; nowMs: () => number }): Tickets {
  const open = new Map<string, { readonly principal: Principal; readonly expiresAtMs: number }>();
  return {
    issue(principal) {
      const [oldest] = open.keys();
      if (open.size >= MAX_TICKETS && oldest !== undefined) open.delete(oldest);
      const ticket = randomBytes(24).toString('base64url');
      const expiresAtMs = nowMs() + TICKET_LIFE_MS;
      open.set(ticket, { principal, expiresAtMs });
      return { ticket, expiresAtMs };
    },
    redeem(ticket) {
      const found = open.get(ticket);
      open.delete(ticket);
      return found !== undefined && found.expiresAtMs > nowMs() ? found.principal : undefined;
    },
  };
}

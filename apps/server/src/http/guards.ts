/** Doors before any route: the Host header (DNS rebinding) and the Origin header (pages of other sites that use the reader's browser). */
import { AppError } from '@quantbot/core';
import type { FastifyRequest } from 'fastify';
import type { ServerSettings } from '../settings.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A page that makes its own name point to this address sends that name as Host. */
export function createHostGuard(settings: ServerSettings): (request: FastifyRequest) => void {
  const allowed = new Set([
    'localhost',
    '127.0.0.1',
    '[::1]',
    toHostName(settings.host),
    ...settings.allowed_hosts.map((host) => host.toLowerCase()),
  ]);
  // Listening on all addresses: whichever name leads here, keys are needed anyway.
  const isOpen = settings.auth === 'keys' && ['0.0.0.0', '::'].includes(settings.host) && settings.allowed_hosts.length === 0;
  return ({ headers, raw }) => {
    refuseOtherThanOneHost(raw.rawHeaders);
    const name = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
    if (!isOpen && !allowed.has(name)) {
      throw new AppError('FORBIDDEN', 'this name is not one that the server answers to; add it to allowed_hosts');
    }
  };
}

/** With two of them, a proxy and this server may each go by another one. */
function refuseOtherThanOneHost(rawHeaders: readonly string[]): void {
  const count = rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length;
  if (count !== 1) throw new AppError('INVALID_REQUEST', `expected one Host header, found ${count}`);
}

function toHostName(host: string): string {
  return host.includes(':') ? `[${host.toLowerCase()}]` : host.toLowerCase();
}

/** Browsers let any page send simple requests and open WebSockets; what they cannot hide is the origin. */
export function createOriginGuard(settings: ServerSettings): (request: FastifyRequest) => void {
  const listed = new Set(settings.cors_origins);
  return ({ headers, method }) => {
    const isUpgrade = headers.upgrade !== undefined;
    const { origin } = headers;
    if ((SAFE_METHODS.has(method) && !isUpgrade) || origin === undefined || listed.has(origin) || isSameOrigin(origin, headers.host))
      return;
    throw new AppError('FORBIDDEN', 'pages of this origin may not call the server; add it to cors_origins');
  };
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/** How to reach a server: checked once, shared by all calls and sockets of a client. */
import { AppError } from '@quantbot/core';

export interface ClientOptions {
  /** Such as `http://127.0.0.1:3001`; a path is kept, for servers behind a proxy. */
  readonly baseUrl: string;
  /** An API key (`qb_…`) or a token; none for servers without authentication. */
  readonly apiKey?: string;
  /** Default: the fetch of the platform. */
  readonly fetch?: typeof globalThis.fetch;
  /** Of each attempt; default 30,000. */
  readonly timeoutMs?: number;
  /** Attempts after the first; default 2. */
  readonly retries?: number;
}

export interface Link {
  /** Without a slash at the end. */
  readonly base: string;
  readonly apiKey: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs: number;
  readonly retries: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 2;
/** A header must not be split by what somebody calls a key. */
const KEY = /^[\w.~+/=-]{8,4096}$/;

/** Throws USAGE for an address that no server can have, or a key that none can be. */
export function openLink(options: ClientOptions): Link {
  const { apiKey, timeoutMs = DEFAULT_TIMEOUT_MS, retries = DEFAULT_RETRIES } = options;
  if (apiKey !== undefined && !KEY.test(apiKey)) {
    throw new AppError('USAGE', 'the API key: expected 8 characters or more of letters, digits and _-.~+/=, found something else');
  }
  return {
    base: toBase(options.baseUrl),
    apiKey,
    // Called as a method of anything else, the fetch of a browser refuses.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    timeoutMs,
    retries,
  };
}

function toBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url === undefined || !isPlain || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    // The address is not repeated: it may hold a password.
    throw new AppError(
      'USAGE',
      'the address of the server: expected http(s)://host:port without user, password or query, found something else',
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

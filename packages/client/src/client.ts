/** The client: one method for each contract of packages/core, and `watch` for live events. For Node and for browsers. */
import { API_ROUTES, LIVE_ROUTES, type RouteContract } from '@quantbot/core';
import type { AnyCall, RouteMethods } from './call.ts';
import { exchange } from './exchange.ts';
import { openLink, type ClientOptions } from './link.ts';
import { watchTopic, type LiveMessage, type WatchOptions } from './live/watch.ts';

export interface Client extends RouteMethods {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /**
   * Events of `system`, `study:<id>` or `backtest:<id>`, the state first, until the signal ends it or nobody listens any more.
   * Connections that break are opened again and what was missed is told. Rejects with AppError: UNAUTHENTICATED, NOT_FOUND, SERVER_UNREACHABLE.
   */
  readonly watch: (topic: string, options?: WatchOptions) => AsyncGenerator<LiveMessage, void, undefined>;
}

/** Sends nothing yet. Throws USAGE for an address or a key that cannot be one. */
export function createClient(options: ClientOptions): Client {
  const link = openLink(options);
  const methods = Object.entries<RouteContract>(API_ROUTES)
    .filter(([id]) => !(id in LIVE_ROUTES))
    .map(([id, contract]) => [id, (call?: AnyCall) => exchange(link, contract, call)]);
  return {
    ...(Object.fromEntries(methods) as unknown as RouteMethods),
    baseUrl: link.base,
    watch: (topic, watching = {}) => watchTopic(link, topic, watching),
  };
}

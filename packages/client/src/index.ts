/** A typed client of the server, made from the contracts in packages/core (docs/client.md). */
export { createClient, type Client } from './client.ts';
export type { AnswerOf, CallOf, CallOptions, RouteId, RouteMethods, UploadFile } from './call.ts';
export type { ClientOptions } from './link.ts';
export type { LiveMessage, WatchOptions } from './live/watch.ts';

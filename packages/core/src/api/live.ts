/** Live events: what goes over a WebSocket in both directions. docs/server.md tells it as a story. */
import { z } from 'zod';
import { ID_PATTERN, IdParamsSchema, JsonObjectSchema } from './common.ts';
import { defineRoute } from './contract.ts';

/** `system`, `study:<id>` or `backtest:<id>`; any job is watched by `backtest:` or `study:` and its id. */
export const TopicSchema = z.string().refine((topic) => {
  const [kind, id, ...rest] = topic.split(':');
  return topic === 'system' || (rest.length === 0 && (kind === 'study' || kind === 'backtest') && id !== undefined && ID_PATTERN.test(id));
}, 'expected system, study:<id> or backtest:<id>');

/** What a client says. `epoch` and `last_seq` are those of the last event that it saw. */
export const ClientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('subscribe'),
    topic: TopicSchema,
    epoch: z.string().max(64).optional(),
    last_seq: z.int().min(0).optional(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), topic: TopicSchema }),
  z.strictObject({ type: z.literal('ping') }),
]);
export type ClientMessage = z.infer<typeof ClientMessageSchema>;

const place = { topic: z.string(), epoch: z.string(), seq: z.int().min(0) };

/**
 * What the server says. `seq` grows by one per event of a topic as long as `epoch` stays the same. A `snapshot` stands for everything up to its `seq`:
 * it comes after subscribing, unless the events since `last_seq` could be had again, and to clients that are too slow for every event.
 */
export const ServerMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), ...place, at_ms: z.int(), event: JsonObjectSchema }),
  z.object({ type: z.literal('snapshot'), ...place, at_ms: z.int(), state: JsonObjectSchema }),
  z.object({ type: z.literal('unsubscribed'), topic: z.string() }),
  z.object({ type: z.literal('pong') }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string(), topic: z.string().nullable() }),
]);
export type ServerMessage = z.infer<typeof ServerMessageSchema>;

/** `progress` may be left out when there is newer progress; every other kind reaches everybody who keeps up. */
export interface LiveEvent {
  readonly kind: 'progress' | 'state' | 'trials' | 'queue';
  readonly [field: string]: unknown;
}

/** Where whoever runs jobs says what happens. Never throws, never waits. */
export interface EventSink {
  publish(topic: string, event: LiveEvent): void;
}

const socket = { method: 'GET', tag: 'live', role: 'read', status: 101, response: null } as const;
const ticket = z.strictObject({ ticket: z.string().max(200).optional() });

export const LIVE_ROUTES = {
  openLive: defineRoute({
    ...socket,
    id: 'openLive',
    path: '/ws',
    summary: 'WebSocket: subscribe to studies, backtests and the system',
    query: ticket,
    errors: [],
  }),
  watchBacktest: defineRoute({
    ...socket,
    id: 'watchBacktest',
    path: '/api/backtest/:id/progress',
    summary: 'WebSocket: progress of one backtest as plain objects, until it has ended',
    params: IdParamsSchema,
    query: ticket,
    errors: ['JOB_NOT_FOUND'],
  }),
  watchBacktestAlias: defineRoute({
    ...socket,
    id: 'watchBacktestAlias',
    path: '/ws/backtest/:id',
    summary: 'WebSocket: the same as /api/backtest/:id/progress',
    params: IdParamsSchema,
    query: ticket,
    errors: ['JOB_NOT_FOUND'],
  }),
};

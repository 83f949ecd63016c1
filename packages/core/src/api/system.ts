/** The server itself: health, versions, queue, keys for browsers. */
import { z } from 'zod';
import { JOB_STATES } from '../job/job.ts';
import { ROLES } from '../job/key-store.ts';
import { IsoTimeSchema, JsonObjectSchema } from './common.ts';
import { defineRoute } from './contract.ts';

const tag = 'system';
const get = { method: 'GET', tag, status: 200, errors: [] } as const;
const TokenSchema = z
  .object({ token: z.string(), token_type: z.literal('Bearer'), role: z.enum(ROLES), expires_at: IsoTimeSchema })
  .meta({ id: 'Token' });

export const SYSTEM_ROUTES = {
  getHealth: defineRoute({
    ...get,
    id: 'getHealth',
    path: '/health',
    summary: 'The process answers',
    role: 'public',
    response: z.object({ status: z.literal('ok'), version: z.string(), uptime_s: z.number() }).meta({ id: 'Health' }),
  }),
  getReadiness: defineRoute({
    ...get,
    id: 'getReadiness',
    path: '/ready',
    summary: 'Work can be taken: the stores answer and the server is not shutting down',
    role: 'public',
    response: z.object({ status: z.literal('ready') }),
    errors: ['STORE_UNREACHABLE'],
  }),
  getMetrics: defineRoute({
    ...get,
    id: 'getMetrics',
    path: '/metrics',
    summary: 'Figures for Prometheus',
    role: 'read',
    response: { contentType: 'text/plain; version=0.0.4; charset=utf-8' },
  }),
  getOpenApi: defineRoute({
    ...get,
    id: 'getOpenApi',
    path: '/openapi.json',
    summary: 'This document',
    role: 'public',
    response: JsonObjectSchema,
  }),
  getSystem: defineRoute({
    ...get,
    id: 'getSystem',
    path: '/api/system',
    summary: 'Versions, queue, runners, limits',
    role: 'read',
    response: z
      .object({
        version: z.string(),
        node_version: z.string(),
        server_id: z.string(),
        started_at: IsoTimeSchema,
        uptime_s: z.number(),
        workspace: z.string(),
        database: z.enum(['sqlite', 'postgres']),
        authentication: z.enum(['off', 'keys']),
        queue: z.record(z.enum(JOB_STATES), z.int()),
        runner: JsonObjectSchema,
        websocket_clients: z.int(),
        memory_bytes: z.int(),
        limits: z.object({
          max_queued: z.int(),
          max_concurrent: z.int(),
          max_combinations: z.int(),
          max_candles: z.int(),
          max_body_bytes: z.int(),
          max_upload_bytes: z.int(),
        }),
      })
      .meta({ id: 'System' }),
  }),
  createToken: defineRoute({
    id: 'createToken',
    method: 'POST',
    path: '/api/auth/token',
    tag,
    summary: 'A short-lived token for an API key',
    role: 'public',
    body: z.strictObject({ api_key: z.string().min(8).max(200) }).meta({ id: 'TokenRequest' }),
    status: 201,
    response: TokenSchema,
    errors: ['UNAUTHENTICATED'],
  }),
  createTicket: defineRoute({
    id: 'createTicket',
    method: 'POST',
    path: '/api/auth/ticket',
    tag,
    summary: 'A ticket that opens one WebSocket: `/ws?ticket=...`, for browsers, which cannot send headers there',
    role: 'read',
    status: 201,
    response: z.object({ ticket: z.string(), expires_at: IsoTimeSchema }),
    errors: [],
  }),
  whoAmI: defineRoute({
    ...get,
    id: 'whoAmI',
    path: '/api/auth/me',
    summary: 'Whose key this is and what it may do',
    role: 'read',
    response: z.object({ id: z.string(), role: z.enum(ROLES) }),
  }),
};

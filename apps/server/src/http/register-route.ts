/** A contract and its handler become a route: checked on the way in and on the way out. */
import type { API_ROUTES, BodyOf, LIVE_ROUTES, ParamsOf, QueryOf, ResponseOf, RouteContract } from '@quantbot/core';
import { isRawContent } from '@quantbot/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal } from '../room.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent: the route is refused. */
    readonly contract?: RouteContract;
  }
  interface FastifyRequest {
    principal: Principal;
  }
}

interface Call<Contract extends RouteContract> {
  readonly params: ParamsOf<Contract>;
  readonly query: QueryOf<Contract>;
  readonly body: BodyOf<Contract>;
  readonly principal: Principal;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export type Handlers<Routes extends Record<string, RouteContract>> = {
  readonly [Name in keyof Routes]: (call: Call<Routes[Name]>) => ResponseOf<Routes[Name]> | Promise<ResponseOf<Routes[Name]>>;
};

/** WebSockets are opened elsewhere (live/). */
export type ApiHandlers = Handlers<Omit<typeof API_ROUTES, keyof typeof LIVE_ROUTES>>;

type AnyHandler = (call: Call<RouteContract>) => unknown;

export function registerRoute(app: FastifyInstance, contract: RouteContract, handler: AnyHandler): void {
  app.route({
    method: contract.method,
    url: contract.path,
    config: { contract },
    schema: toSchema(contract),
    handler: async (request, reply) => {
      const { params, query, body, principal } = request;
      const answer = await handler({ params, query, body, principal, request, reply } as Call<RouteContract>);
      if (reply.sent || answer === reply) return reply;
      return reply.status(contract.status).send(answer);
    },
  });
}

function toSchema({ params, query, body, status, response }: RouteContract): Record<string, unknown> {
  const checked: Record<string, z.ZodType | Record<number, z.ZodType>> = {};
  if (params !== undefined) checked['params'] = params;
  if (query !== undefined) checked['querystring'] = query;
  if (body !== undefined) checked['body'] = body;
  if (response !== null && !isRawContent(response)) checked['response'] = { [status]: response };
  return checked;
}

/** JSON log lines with request ids. Nothing that opens a door is logged: no headers, no query strings (tickets), no bodies. */
import type { FastifyBaseLogger, FastifyRequest, FastifyServerOptions } from 'fastify';
import type { ServerRoom } from '../room.ts';

export function toLogOptions({ settings, log }: Pick<ServerRoom, 'settings' | 'log'>): NonNullable<FastifyServerOptions['logger']> {
  return {
    level: settings.log_level,
    stream: log,
    redact: ['*.api_key', '*.token', '*.ticket', '*.authorization', '*.password', 'err.details.connection'],
    serializers: {
      req: (request: FastifyRequest) => ({ method: request.method, path: request.url.split('?')[0] ?? '', address: request.ip }),
      res: (reply: { statusCode: number }) => ({ status: reply.statusCode }),
    },
  };
}

/** An address of a database may stand in the message of its driver. */
export function logTrouble(log: FastifyBaseLogger, doing: string): (error: unknown) => void {
  return (error) => {
    log.error({ err: error }, doing);
  };
}

const REQUEST_ID = /^[\w.-]{1,64}$/;

/** A caller's own id, if it is harmless, so that its log and ours can be laid side by side. */
export function toRequestId(header: unknown, create: () => string): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : create();
}

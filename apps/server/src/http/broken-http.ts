/** What no route ever sees: HTTP that cannot be read, addresses that cannot be decoded, handshakes that fail. Refused in the shape of all errors. */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '@quantbot/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendError, toErrorAnswer } from './errors.ts';

type CreateId = () => string;
interface HttpError extends Error {
  readonly code?: string;
}

/** For errors of Node's parser: there is no request yet, so the answer is written by hand, and the connection ends. */
export function createHttpErrorHandler(createId: CreateId): (error: HttpError, socket: Duplex) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    if (socket.writable) refuse(socket, toRefusal(error), { requestId: createId(), hasBody: true });
    else socket.destroy(error);
  };
}

function toRefusal({ code }: HttpError): AppError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new AppError('PAYLOAD_TOO_LARGE', 'the address and the headers have more than 16 KiB together');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AppError('INVALID_REQUEST', 'the request did not come to its end in time');
  return new AppError('INVALID_REQUEST', 'expected a request of HTTP/1.1, found something else');
}

/** Handshakes with something wrong, also on addresses that are no WebSocket. */
export function refuseBrokenHandshakes(app: FastifyInstance, createId: CreateId): void {
  app.websocketServer.on('wsClientError', (error: Error, socket: Duplex, { method }: IncomingMessage) => {
    const refusal = new AppError('INVALID_REQUEST', `expected the handshake of a WebSocket: ${error.message}`);
    refuse(socket, refusal, { requestId: createId(), hasBody: method !== 'HEAD' });
  });
}

function refuse(socket: Duplex, error: AppError, { requestId, hasBody }: { requestId: string; hasBody: boolean }): void {
  const { status, body } = toErrorAnswer(error, requestId);
  const text = JSON.stringify(body);
  const headers = [
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    `x-request-id: ${requestId}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${headers.join('\r\n')}\r\n\r\n${hasBody ? text : ''}`);
}

/**
 * For errors of the router, which come before the hooks. One of them ends connections that were to become WebSockets; here it must be done by
 * hand: Node reads no further request from such a connection, and a client that uses it again would wait for ever.
 */
export function sendRouterError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('x-request-id', request.id);
  if (request.headers.upgrade !== undefined) {
    void reply.header('connection', 'close');
    reply.raw.once('finish', () => request.raw.socket.end());
  }
  void sendError(error, request, reply);
}

/** Whatever goes wrong becomes one body: code, message, details, request id. What is inside the server stays inside. */
import { AppError, ERROR_CATALOGUE, type ErrorBody, type ErrorCode } from '@quantbot/core';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
}

type Refusal = Pick<AppError, 'code' | 'message' | 'details'>;

export function toErrorAnswer(error: unknown, requestId: string): ErrorAnswer {
  const { code, message, details } = toRefusal(error);
  const body = { error: { code, message, details: toJsonDetails(details), request_id: requestId } };
  return { status: ERROR_CATALOGUE[code].httpStatus, body };
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body } = toErrorAnswer(error, request.id);
  if (status >= 500) request.log.error({ err: error }, 'a request failed');
  if (ERROR_CATALOGUE[body.error.code].retryable && status === 429) void reply.header('retry-after', reply.getHeader('retry-after') ?? '1');
  return reply.status(status).type('application/json; charset=utf-8').serializer(JSON.stringify).send(body);
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof AppError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const problems = error.validation.map(
      ({ instancePath, message }) => `${instancePath === '' ? '' : `${toFieldName(instancePath)}: `}${message ?? 'not allowed'}`,
    );
    return { code: 'INVALID_REQUEST', message: `${error.validationContext ?? 'request'}: ${problems.join('; ')}`, details: { problems } };
  }
  return isFastifyError(error) ? toOwnWords(error) : internal();
}

function toFieldName(pointer: string): string {
  return pointer.slice(1).replaceAll('/', '.');
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('FST_');
}

const OWN_WORDS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'the body has more bytes than `max_body_bytes` allows'],
  FST_REQ_FILE_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'the file has more bytes than `max_upload_bytes` allows'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['INVALID_REQUEST', 'expected the content type application/json'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['INVALID_REQUEST', 'expected a JSON body, found an empty one'],
  FST_ERR_HANDLER_TIMEOUT: ['STORE_UNREACHABLE', 'the answer took longer than `request_timeout_s` allows'],
};

function toOwnWords(error: FastifyError): Refusal {
  const known = OWN_WORDS[error.code];
  if (known !== undefined) return { code: known[0], message: known[1], details: {} };
  const { statusCode = 500 } = error;
  return statusCode < 500 ? { code: 'INVALID_REQUEST', message: error.message, details: {} } : internal();
}

function internal(): Refusal {
  return { code: 'INTERNAL', message: 'this is a bug in quantbot; the log of the server tells more under this request id', details: {} };
}

/** Details may hold anything that an error was made with: only plain, short JSON goes out, and no traceback. */
function toJsonDetails(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { traceback: _traceback, stack: _stack, path: _path, ...rest } = details;
  try {
    const text = JSON.stringify(rest);
    return text.length > 64 * 1024 ? {} : (JSON.parse(text) as Record<string, unknown>);
  } catch {
    return {};
  }
}

/** Errors of bodies that are no JSON come from Node or its parser, with a status and neither a code nor a list of what is wrong. */
export function toParseError(error: unknown): unknown {
  if (!(error instanceof SyntaxError) && !isPlainBadRequest(error)) return error;
  return new AppError(
    'INVALID_REQUEST',
    'expected a JSON body without the keys __proto__ and constructor.prototype, found something else',
    {
      cause: error,
    },
  );
}

function isPlainBadRequest(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 400 && !('code' in error) && !('validation' in error);
}

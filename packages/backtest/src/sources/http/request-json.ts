/** One request for JSON, within limits of time and size. What comes back is data to be judged, also when it is a refusal. */
import { messageOf } from './message-of.ts';
import { requireGoingOn } from './clock.ts';

export interface HttpLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

export interface HttpRequest extends HttpLimits {
  readonly url: URL;
  readonly signal: AbortSignal;
  /** Value of the Authorization header. */
  readonly authorization?: string;
  /** For If-None-Match. */
  readonly etag?: string;
  /** For dates in Retry-After. */
  readonly nowMs: number;
}

export type HttpAnswer =
  | { readonly kind: 'body'; readonly body: unknown; readonly etag?: string }
  | { readonly kind: 'unchanged' }
  /** `message`: what the server said, if it said something. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string; readonly retryAfterMs?: number }
  /** No answer, or one that cannot be read: cut off, too slow, too large, not JSON. */
  | { readonly kind: 'unreadable'; readonly message: string; readonly isFinal: boolean };

const SHOWN_CHARACTERS = 300;
const MAX_ERROR_BYTES = 64 * 1024;

/** CANCELLED when the signal comes; every other failure is an answer. */
export async function requestJson(request: HttpRequest): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  try {
    const response = await fetch(request.url, { headers: toHeaders(request), signal: AbortSignal.any([timeout, request.signal]) });
    return await readResponse(response, request);
  } catch (error) {
    requireGoingOn(request.signal);
    if (timeout.aborted)
      return { kind: 'unreadable', message: `no complete answer within ${String(request.timeoutMs / 1000)} s`, isFinal: false };
    return { kind: 'unreadable', message: describeFailure(error), isFinal: false };
  }
}

function toHeaders({ authorization, etag }: HttpRequest): Record<string, string> {
  return {
    accept: 'application/json',
    ...(authorization === undefined ? {} : { authorization }),
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
  };
}

async function readResponse(response: Response, request: HttpRequest): Promise<HttpAnswer> {
  if (response.status === 304) return { kind: 'unchanged' };
  if (!response.ok) {
    const text = (await readText(response, MAX_ERROR_BYTES)) ?? '';
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), request.nowMs);
    return {
      kind: 'refused',
      status: response.status,
      message: findMessage(text),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
  const text = await readText(response, request.maxBytes);
  if (text === undefined)
    return { kind: 'unreadable', message: `the answer is larger than ${String(request.maxBytes / 1024 / 1024)} MiB`, isFinal: true };
  const etag = response.headers.get('etag');
  try {
    return { kind: 'body', body: JSON.parse(text) as unknown, ...(etag === null ? {} : { etag }) };
  } catch {
    return { kind: 'unreadable', message: `the answer is not JSON: "${toOneLine(text).slice(0, 80)}"`, isFinal: false };
  }
}

/** Undefined when the body is larger than allowed; the rest of it is not read. */
async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const part = chunk as Uint8Array;
    bytes += part.byteLength;
    if (bytes > maxBytes) return undefined;
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Seconds, or a date. Undefined for anything else. */
function readRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/** `{"error": "…"}`, `{"error": {"message": "…"}}`, `{"message": "…"}`, or the text itself when it is short and no page. */
function findMessage(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    return toOneLine(pickMessage(body) ?? '');
  } catch {
    return text.trimStart().startsWith('<') ? '' : toOneLine(text);
  }
}

function pickMessage(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  if (typeof body !== 'object' || body === null) return undefined;
  const fields = body as Readonly<Record<string, unknown>>;
  return pickMessage(fields['error']) ?? pickMessage(fields['message']) ?? pickMessage(fields['detail']);
}

/** A server must not be able to draw on the terminal. */
function toOneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, SHOWN_CHARACTERS);
}

/** fetch hides the reason in the cause. Its own message may repeat the address, which may hold a key. */
function describeFailure(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join('; ');
  if (cause instanceof Error) return messageOf(cause);
  return 'the connection ended before the answer was complete';
}

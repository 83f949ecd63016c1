/** One topic as a stream of events that outlives its connections: after a break it goes on behind the last event that was read. */
import { AppError, SYSTEM_ROUTES, type ErrorCode, type ServerMessage } from '@quantbot/core';
import { toBackoffMs, wait } from '../backoff.ts';
import { exchange } from '../exchange.ts';
import type { Link } from '../link.ts';
import { openLiveSocket, type LiveSocket } from './socket.ts';

/** `event`: something happened; `snapshot`: how things are now, in place of events that cannot be had. */
export type LiveMessage = Extract<ServerMessage, { readonly type: 'event' | 'snapshot' }>;

export interface WatchOptions {
  /** Ends the stream without an error. */
  readonly signal?: AbortSignal;
  /** Of the last message that was seen, to go on behind it. */
  readonly epoch?: string;
  readonly lastSeq?: number;
  /** How long a server that was reached once may be away; default 300,000. */
  readonly maxOutageMs?: number;
  /** Called when the connection breaks, with the reason if one is known. */
  readonly onBreak?: (reason: string) => void;
}

interface Place {
  readonly epoch: string;
  readonly seq: number;
}

interface Cursor {
  readonly topic: string;
  /** Of the last message that was read. */
  place: Place | undefined;
}

const MAX_OUTAGE_MS = 300_000;
const PASSING: ReadonlySet<ErrorCode> = new Set(['SERVER_UNREACHABLE', 'STORE_UNREACHABLE', 'RATE_LIMITED']);

export async function* watchTopic(link: Link, topic: string, options: WatchOptions): AsyncGenerator<LiveMessage, void, undefined> {
  const { signal, epoch, lastSeq } = options;
  const cursor: Cursor = { topic, place: epoch === undefined || lastSeq === undefined ? undefined : { epoch, seq: lastSeq } };
  const connect = createConnector(link, options);
  for (;;) {
    const socket = await connect();
    if (socket === undefined) return;
    try {
      yield* readNews(socket, cursor);
    } finally {
      socket.close();
    }
    if (signal?.aborted === true) return;
    options.onBreak?.('the connection was closed');
  }
}

/** Until the connection ends. */
async function* readNews(socket: LiveSocket, cursor: Cursor): AsyncGenerator<LiveMessage, void, undefined> {
  const { topic, place } = cursor;
  socket.send({ type: 'subscribe', topic, ...(place !== undefined && { epoch: place.epoch, last_seq: place.seq }) });
  for await (const message of socket.messages) {
    const news = toNews(message, cursor.place);
    if (news === undefined) continue;
    cursor.place = toPlace(news, cursor.place);
    yield news;
  }
}

/** undefined: was told before. Throws what the server says about the topic. */
function toNews(message: ServerMessage, place: Place | undefined): LiveMessage | undefined {
  if (message.type === 'error') throw new AppError(toCode(message.code), message.message);
  if (message.type === 'snapshot') return message;
  if (message.type !== 'event') return undefined;
  return place !== undefined && message.epoch === place.epoch && message.seq <= place.seq ? undefined : message;
}

/** A snapshot may be numbered lower than an event that overtook it. */
function toPlace({ epoch, seq }: LiveMessage, place: Place | undefined): Place {
  return { epoch, seq: place?.epoch === epoch ? Math.max(place.seq, seq) : seq };
}

function toCode(code: string): ErrorCode {
  return code === 'NOT_FOUND' || code === 'LIMIT_EXCEEDED' || code === 'STORE_UNREACHABLE' ? code : 'SERVER_UNREACHABLE';
}

/** Opens a connection, the first at once or not at all, later ones as soon as the server is back. undefined: the signal ended it. */
function createConnector(
  link: Link,
  { signal, onBreak, maxOutageMs = MAX_OUTAGE_MS }: WatchOptions,
): () => Promise<LiveSocket | undefined> {
  let wasConnected = false;
  return async () => {
    const sinceMs = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        // A server that closes every connection at once is not asked without a pause.
        if (wasConnected) await wait(toBackoffMs(attempt), signal);
        const socket = await connectOnce(link, signal);
        wasConnected = true;
        return socket;
      } catch (error) {
        if (signal?.aborted === true) return undefined;
        const isPassing = error instanceof AppError && PASSING.has(error.code);
        if (!isPassing || !wasConnected || performance.now() - sinceMs > maxOutageMs) throw error;
        onBreak?.(error.message);
      }
    }
  };
}

/** Browsers cannot send a key with a WebSocket, so it is changed for a ticket, which opens one and nothing else. */
async function connectOnce(link: Link, signal: AbortSignal | undefined): Promise<LiveSocket> {
  const url = new URL(`${link.base.replace(/^http/, 'ws')}/ws`);
  const call = signal === undefined ? {} : { signal };
  if (link.apiKey !== undefined) url.searchParams.set('ticket', (await exchange(link, SYSTEM_ROUTES.createTicket, call)).ticket);
  try {
    return await openLiveSocket(url, signal);
  } catch (error) {
    // Sockets are not told why they were refused; a request is.
    await exchange(link, SYSTEM_ROUTES.whoAmI, call);
    throw error;
  }
}

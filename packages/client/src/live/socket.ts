/** One WebSocket to the server: messages checked, silence noticed. Of the platform where there is one, else of the package ws. */
import { AppError, ServerMessageSchema, type ClientMessage, type ServerMessage } from '@quantbot/core';
import { createInbox } from './inbox.ts';

export interface LiveSocket {
  readonly messages: AsyncIterable<ServerMessage>;
  send(message: ClientMessage): void;
  close(): void;
}

/** What browsers, Node and ws have in common. */
interface PlainSocket {
  send(text: string): void;
  close(code?: number): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** Messages that wait for the reader. Past it the connection is given up, and the next one begins with what was missed. */
const MOST_WAITING = 1_000;
const OPEN_WITHIN_MS = 15_000;
/** A connection that died without a word is noticed after two of these. */
const SILENCE_MS = 20_000;
const CLOSE_NORMAL = 1000;

/** Rejects with SERVER_UNREACHABLE; why the server refused is not told to sockets. */
export async function openLiveSocket(url: URL, signal: AbortSignal | undefined): Promise<LiveSocket> {
  const socket = await createSocket(url);
  const inbox = createInbox<ServerMessage>(MOST_WAITING);
  const close = (): void => {
    inbox.end();
    socket.close(CLOSE_NORMAL);
  };
  if (signal?.aborted === true) close();
  else signal?.addEventListener('abort', close, { once: true });
  const say = (message: ClientMessage): void => {
    socket.send(JSON.stringify(message));
  };
  const watchdog = createWatchdog(() => {
    say({ type: 'ping' });
  }, close);
  socket.addEventListener('message', ({ data }) => {
    watchdog.feed();
    const message = parseMessage(data);
    if (message !== undefined && message.type !== 'pong' && !inbox.push(message)) close();
  });
  socket.addEventListener('close', () => {
    watchdog.stop();
    signal?.removeEventListener('abort', close);
    inbox.end();
  });
  await waitUntilOpen(socket, url);
  watchdog.feed();
  return { messages: inbox, send: say, close };
}

async function createSocket(url: URL): Promise<PlainSocket> {
  // Node has it from version 22 on.
  const platform = (globalThis as { readonly WebSocket?: new (url: URL) => PlainSocket }).WebSocket;
  if (platform !== undefined) return new platform(url);
  const { WebSocket } = await import('ws');
  return new WebSocket(url);
}

function waitUntilOpen(socket: PlainSocket, url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      clearTimeout(timer);
      reject(new AppError('SERVER_UNREACHABLE', `${url.origin}${url.pathname}: expected a WebSocket, found none`));
    };
    const timer = setTimeout(() => {
      socket.close();
      fail();
    }, OPEN_WITHIN_MS);
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.addEventListener('error', fail);
    socket.addEventListener('close', fail);
  });
}

/** Unknown messages are those of a newer server, and not for us. */
function parseMessage(data: unknown): ServerMessage | undefined {
  try {
    return ServerMessageSchema.safeParse(JSON.parse(String(data))).data;
  } catch {
    return undefined;
  }
}

interface Watchdog {
  feed(): void;
  stop(): void;
}

function createWatchdog(ask: () => void, giveUp: () => void): Watchdog {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const arm = (next: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(next, SILENCE_MS);
  };
  return {
    feed() {
      arm(() => {
        ask();
        arm(giveUp);
      });
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

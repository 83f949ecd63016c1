/** Live events over real WebSockets of a server that breaks connections, forgets, and refuses. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { AppError, ClientMessage } from '@quantbot/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { createClient, type Client, type ClientOptions, type LiveMessage } from '../index.ts';

/** What the server does with a subscription, one after the other. */
type Scene = (socket: WebSocket, message: ClientMessage) => void;

let http: Server;
let scenes: Scene[];
let subscriptions: ClientMessage[];
let openings: string[];
let isOpen = true;

beforeEach(async () => {
  [scenes, subscriptions, openings, isOpen] = [[], [], [], true];
  const sockets = new WebSocketServer({ noServer: true });
  http = createServer((request, response) => {
    const isTicket = request.url === '/api/auth/ticket' && request.headers.authorization === 'Bearer qb_a_good_key';
    const [status, body] = isTicket
      ? [201, { ticket: `t-${openings.length}`, expires_at: '2026-01-01T00:00:00Z' }]
      : [401, { error: { code: 'UNAUTHENTICATED', message: 'no key', details: {}, request_id: 'r' } }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  http.on('upgrade', (request, socket: Socket, head) => {
    openings.push(request.url ?? '');
    if (!isOpen) {
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString('utf8')) as ClientMessage;
        subscriptions.push(message);
        scenes.shift()?.(webSocket, message);
      });
    });
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  vi.unstubAllGlobals();
  http.closeAllConnections();
  await once(http.close(), 'close');
});

function createTestClient(options: Partial<ClientOptions> = {}): Client {
  return createClient({ baseUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, retries: 0, ...options });
}

const place = (seq: number, epoch = 'e1') => ({ topic: 'study:s-1', epoch, seq, at_ms: seq });
const event = (seq: number, epoch?: string) => JSON.stringify({ type: 'event', ...place(seq, epoch), event: { n: seq } });
const snapshot = (seq: number, epoch?: string) => JSON.stringify({ type: 'snapshot', ...place(seq, epoch), state: {} });

async function take(messages: AsyncIterable<LiveMessage>, count: number): Promise<string[]> {
  const taken: string[] = [];
  for await (const { type, epoch, seq } of messages) {
    taken.push(`${type} ${epoch}/${seq}`);
    if (taken.length === count) break;
  }
  return taken;
}

describe('watching a topic', () => {
  it('goes on behind the last event when the connection breaks, and tells nothing twice', async () => {
    scenes = [
      (socket) => {
        [snapshot(4), event(5)].forEach((text) => {
          socket.send(text);
        });
        socket.send(event(6), () => {
          socket.terminate();
        });
      },
      (socket) => {
        [event(6), event(7)].forEach((text) => {
          socket.send(text);
        });
      },
    ];
    const breaks: string[] = [];
    const watched = createTestClient().watch('study:s-1', { onBreak: (reason) => breaks.push(reason) });
    expect(await take(watched, 4)).toEqual(['snapshot e1/4', 'event e1/5', 'event e1/6', 'event e1/7']);
    expect(subscriptions).toEqual([
      { type: 'subscribe', topic: 'study:s-1' },
      { type: 'subscribe', topic: 'study:s-1', epoch: 'e1', last_seq: 6 },
    ]);
    expect(breaks).toEqual(['the connection was closed']);
  });

  it('takes the snapshot of a server that was started anew, whose numbers begin anew', async () => {
    scenes = [
      (socket) => {
        socket.send(event(90), () => {
          socket.terminate();
        });
      },
      (socket) => {
        [snapshot(0, 'e2'), event(1, 'e2')].forEach((text) => {
          socket.send(text);
        });
      },
    ];
    expect(await take(createTestClient().watch('study:s-1'), 3)).toEqual(['event e1/90', 'snapshot e2/0', 'event e2/1']);
  });

  it('works where the platform has no WebSocket of its own', async () => {
    vi.stubGlobal('WebSocket', undefined);
    scenes = [
      (socket) => {
        socket.send(event(1));
      },
    ];
    expect(await take(createTestClient().watch('study:s-1'), 1)).toEqual(['event e1/1']);
  });

  it('begins behind what the caller has seen, and not again before an event that overtook the state', async () => {
    scenes = [
      (socket) => {
        [event(12), snapshot(11), event(12), event(13)].forEach((text) => {
          socket.send(text);
        });
      },
    ];
    const watched = createTestClient().watch('study:s-1', { epoch: 'e1', lastSeq: 11 });
    expect(await take(watched, 3)).toEqual(['event e1/12', 'snapshot e1/11', 'event e1/13']);
    expect(subscriptions[0]).toMatchObject({ epoch: 'e1', last_seq: 11 });
  });

  it('changes the key for a ticket, a new one for each connection', async () => {
    scenes = [
      (socket) => {
        socket.terminate();
      },
      (socket) => {
        socket.send(event(1));
      },
    ];
    expect(await take(createTestClient({ apiKey: 'qb_a_good_key' }).watch('study:s-1'), 1)).toHaveLength(1);
    expect(openings).toEqual(['/ws?ticket=t-0', '/ws?ticket=t-1']);
  });

  it.each([
    ['no key was given', {}],
    ['the key is wrong', { apiKey: 'qb_a_bad_key' }],
  ])('is refused with the reason where %s', async (_what, options) => {
    isOpen = false;
    await expect(take(createTestClient(options).watch('system'), 1)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    } satisfies Partial<AppError>);
  });

  it('is refused by a server that has no such topic', async () => {
    scenes = [
      (socket) => {
        socket.send(JSON.stringify({ type: 'error', code: 'NOT_FOUND', message: 'nothing there', topic: 'study:s-1' }));
      },
    ];
    await expect(take(createTestClient().watch('study:s-1'), 1)).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'nothing there' });
  });

  it('ends without an error when its signal says so, also while it waits for a server that is away', async () => {
    const stop = new AbortController();
    scenes = [
      (socket) => {
        socket.send(event(1));
      },
    ];
    const taken: number[] = [];
    for await (const { seq } of createTestClient().watch('study:s-1', { signal: stop.signal })) {
      taken.push(seq);
      isOpen = false;
      http.closeAllConnections();
      setTimeout(() => {
        stop.abort();
      }, 200);
    }
    expect(taken).toEqual([1]);
  });

  it('gives up on a server that was away for too long', async () => {
    scenes = [
      (socket) => {
        socket.send(event(1), () => {
          socket.terminate();
          http.close();
        });
      },
    ];
    const watched = take(createTestClient().watch('study:s-1', { maxOutageMs: 300 }), 9);
    await expect(watched).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
    await once(http.listen(0, '127.0.0.1'), 'listening');
  });
});

/** Many clients at once: each of them hears everything about a study, in order, to its end. `npm run bench:server` measures how fast. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { openServerRoom, readMessages, type ServerTestRoom } from './server-room.ts';

const CLIENTS = 100;
const STUDY = {
  strategy: { name: 'noop' },
  parameters: { x: { low: 0, high: 1, type: 'float' } },
  sampler: 'random',
  objectives: ['final_balance'],
};

interface Message {
  readonly type?: string;
  readonly seq?: number;
  readonly event?: { readonly status?: string };
  readonly state?: { readonly job?: { readonly status?: string } };
}

function isEnd({ event, state }: Message): boolean {
  return (event?.status ?? state?.job?.status) === 'complete';
}

async function leave(socket: WebSocket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}

describe('a hundred clients that watch one study', () => {
  let room: ServerTestRoom;
  beforeAll(async () => {
    room = await openServerRoom();
  });
  afterAll(async () => {
    await room[Symbol.asyncDispose]();
  });

  const connect = async (): Promise<WebSocket> => {
    const socket = room.connect('/ws');
    await once(socket, 'open');
    return socket;
  };

  it('all see its state first and then every event without holes, up to the end', { timeout: 60_000 }, async () => {
    const sockets = await Promise.all(Array.from({ length: CLIENTS }, connect));
    const heard = sockets.map((socket) => readMessages(socket, isEnd));
    const { body } = await room.call('POST', '/api/optimization/run-parallel', { body: { config: STUDY, trials: 5_000, seed: 5 } });
    const subscribe = { type: 'subscribe', topic: `study:${String(body['study_id'])}` };
    for (const socket of sockets) socket.send(JSON.stringify(subscribe));
    for (const messages of (await Promise.all(heard)) as readonly (readonly Message[])[]) {
      const [first, ...events] = messages;
      expect(first).toMatchObject({ type: 'snapshot' });
      expect(events.length).toBeGreaterThan(0);
      expect(events.map(({ type, seq }) => [type, seq])).toEqual(events.map((_, index) => ['event', (first?.seq ?? 0) + index + 1]));
    }
    await Promise.all(sockets.map((socket) => leave(socket)));
  });

  it('go on undisturbed by one that asks and does not read the answers: it is let go', async () => {
    const socket = await connect();
    const subscribed = readMessages(socket, ({ type }) => type === 'snapshot');
    socket.send(JSON.stringify({ type: 'subscribe', topic: 'system' }));
    await subscribed;
    socket.pause();
    const load = 'x'.repeat(12 * 2 ** 20);
    room.server.hub.publish('system', { kind: 'queue', load });
    socket.send(JSON.stringify({ type: 'ping' }));
    const countClients = async (): Promise<unknown> => (await room.get('/api/system')).body['websocket_clients'];
    await expect.poll(countClients, { timeout: 10_000 }).toBe(0);
    socket.terminate();
  });
});

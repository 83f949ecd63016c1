/** Live events over real WebSockets: numbers, replay, snapshots, tickets, and clients that do not behave. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { createKeys, openServerRoom, readMessages, type ServerTestRoom } from './server-room.ts';

type Message = Record<string, unknown>;

function say(socket: WebSocket, message: Message): void {
  socket.send(JSON.stringify(message));
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

describe('live events', () => {
  let room: ServerTestRoom;
  beforeAll(async () => {
    room = await openServerRoom();
  });
  afterAll(async () => {
    await room[Symbol.asyncDispose]();
  });

  const connect = async (path = '/ws'): Promise<WebSocket> => {
    const socket = room.connect(path);
    await once(socket, 'open');
    return socket;
  };
  const submit = async (): Promise<string> => {
    const body = { strategy_name: 'ma_crossover_strategy', symbol: 'EURUSD', timeframe: '1h' };
    return String((await room.call('POST', '/api/backtest/run', { body })).body['backtest_id']);
  };

  it('gives the state first and then every event, numbered without holes, to the end of a backtest', async () => {
    const id = await submit();
    const socket = await connect();
    const isEnd = ({ event, state }: Message): boolean => {
      const job = (event ?? (state as Message | undefined)?.['job']) as Message | undefined;
      return job?.['status'] === 'complete';
    };
    const heard = readMessages(socket, isEnd);
    say(socket, { type: 'subscribe', topic: `backtest:${id}` });
    const messages = await heard;
    const events = messages.filter(({ type }) => type === 'event');
    expect(messages[0]).toMatchObject({ type: 'snapshot', topic: `backtest:${id}`, state: { job: { id } } });
    const first = Number(messages[0]?.['seq']);
    expect(events.map(({ seq }) => Number(seq) - first)).toEqual(events.map((_, index) => index + 1));
    socket.close();
  });

  it('plays back what was missed after a reconnect, and gives a snapshot where that cannot be', async () => {
    const topic = 'system';
    const first = await connect();
    const started = readMessages(first, ({ type }) => type === 'snapshot');
    say(first, { type: 'subscribe', topic });
    const [snapshot] = await started;
    first.close();
    for (const n of [1, 2, 3]) room.server.hub.publish(topic, { kind: 'queue', n });
    const again = await connect();
    const replay = readMessages(again, ({ event }) => (event as Message | undefined)?.['n'] === 3);
    say(again, { type: 'subscribe', topic, epoch: snapshot?.['epoch'], last_seq: snapshot?.['seq'] });
    expect((await replay).map(({ event }) => (event as Message)['n'])).toEqual([1, 2, 3]);
    const stranger = await connect();
    const fresh = readMessages(stranger, () => true);
    say(stranger, { type: 'subscribe', topic, epoch: 'of another server', last_seq: 1 });
    expect((await fresh)[0]).toMatchObject({ type: 'snapshot' });
    again.close();
    stranger.close();
  });

  it('thins progress to ten a second and loses neither the last one nor an end', async () => {
    const socket = await connect();
    const ready = readMessages(socket, ({ type }) => type === 'snapshot');
    say(socket, { type: 'subscribe', topic: 'system' });
    await ready;
    const heard = readMessages(socket, ({ event }) => (event as Message | undefined)?.['kind'] === 'state');
    for (let done = 1; done <= 500; done += 1) room.server.hub.publish('system', { kind: 'progress', done });
    room.server.hub.publish('system', { kind: 'state', done: 500 });
    const events = (await heard).map(({ event }) => event as Message);
    expect(events.length).toBeLessThanOrEqual(4);
    expect(events.slice(-2)).toEqual([
      { kind: 'progress', done: 500 },
      { kind: 'state', done: 500 },
    ]);
    socket.close();
  });

  it('gives a client that does not read a snapshot later instead of piling up events', async () => {
    const socket = await connect();
    const ready = readMessages(socket, ({ type }) => type === 'snapshot');
    say(socket, { type: 'subscribe', topic: 'system' });
    await ready;
    socket.pause();
    const load = 'x'.repeat(64 * 1024);
    for (let n = 0; n < 400; n += 1) room.server.hub.publish('system', { kind: 'queue', n, load });
    const caughtUp = readMessages(socket, ({ type }) => type === 'snapshot');
    socket.resume();
    const messages = await caughtUp;
    expect(messages.length).toBeLessThan(400);
    expect(messages.at(-1)).toMatchObject({ type: 'snapshot', topic: 'system', seq: room.server.hub.seqOf('system') });
    socket.close();
  });

  it.each(['/api/backtest/ID/progress', '/ws/backtest/ID'])('sends plain progress on %s and closes at the end', async (path) => {
    const id = await submit();
    const socket = room.connect(path.replace('ID', id));
    const messages = await readMessages(socket, ({ status }) => status === 'complete');
    expect(messages[0]).toMatchObject({ backtest_id: id });
    expect(messages.at(-1)).toMatchObject({ backtest_id: id, status: 'complete' });
    expect(await closeCode(socket)).toBe(1000);
  });

  it('refuses the socket of a backtest that does not exist', async () => {
    const socket = room.connect('/api/backtest/nothing/progress');
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('404');
  });

  it('says so when there is nothing behind a topic', async () => {
    const socket = await connect();
    const heard = readMessages(socket, () => true);
    say(socket, { type: 'subscribe', topic: 'study:nothing' });
    expect((await heard)[0]).toMatchObject({ type: 'error', code: 'NOT_FOUND', topic: 'study:nothing' });
    socket.close();
  });

  it.each([
    ['no JSON', 'hello', 1008],
    ['another type', '{"type":"shout"}', 1008],
    ['a topic that leads elsewhere', '{"type":"subscribe","topic":"study:../../x"}', 1008],
    ['bytes', Buffer.from([1, 2, 3]), 1008],
    ['too much', 'x'.repeat(70_000), 1009],
  ])('closes a socket that sends %s, and lives on', async (_what, message, code) => {
    const socket = await connect();
    socket.on('error', () => undefined);
    socket.send(message);
    expect(await closeCode(socket)).toBe(code);
    expect((await room.get('/health')).status).toBe(200);
  });

  it('opens no socket for pages of other origins', async () => {
    const socket = room.connect('/ws', { origin: 'https://evil.example' });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('403');
  });
});

describe('live events with authentication', () => {
  it('opens a socket with a key, or once with a ticket', async () => {
    await using room = await openServerRoom({ auth: 'keys' });
    const keys = await createKeys(room);
    const bare = room.connect('/ws');
    const [refused] = (await once(bare, 'error')) as [Error];
    expect(refused.message).toContain('401');
    const keyed = room.connect('/ws', { headers: { authorization: `Bearer ${keys.read}` } });
    await once(keyed, 'open');
    const { body } = await room.call('POST', '/api/auth/ticket', { key: keys.read });
    const path = `/ws?ticket=${String(body['ticket'])}`;
    const first = room.connect(path);
    await once(first, 'open');
    const second = room.connect(path);
    const [used] = (await once(second, 'error')) as [Error];
    expect(used.message).toContain('401');
    keyed.close();
    first.close();
    expect(room.log()).not.toContain(String(body['ticket']));
  });
});

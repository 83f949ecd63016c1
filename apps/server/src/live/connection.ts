/** One WebSocket with its subscriptions. Too slow a client misses events and is given the state instead, so that nothing piles up here. */
import { AppError, ClientMessageSchema, ERROR_CATALOGUE, type ClientMessage, type LiveEvent, type ServerMessage } from '@quantbot/core';
import type { WebSocket } from '@fastify/websocket';
import type { Frame, Hub, Subscriber } from './hub.ts';
import { hasEnded, readTopicState, toBacktestProgress, type StateRoom } from './topic-state.ts';

export interface LiveRoom extends StateRoom {
  readonly hub: Hub;
  readonly nowMs: () => number;
}

export interface Connection {
  /** Snapshots for topics that were skipped, once the client has caught up; a client that never does is let go. */
  sweep(): void;
  /** The heartbeat: false if the last ping had no answer. */
  checkAlive(): boolean;
}

/** Bytes that wait for a client before it is skipped. */
const MAX_BUFFERED = 2 ** 20;
/** Answers are not skipped: whoever asks on and on and does not read them is let go. */
const MAX_UNREAD = 2 * MAX_BUFFERED;
const MAX_TOPICS = 64;
const MAX_MESSAGES_PER_S = 50;
const CLOSE_POLICY = 1008;
const CLOSE_NORMAL = 1000;
const CLOSE_TRY_LATER = 1013;

export function openConnection(room: LiveRoom, socket: WebSocket): Connection {
  const client = new Client(room, socket);
  listen(socket, room.nowMs, (message) => {
    client.handle(message);
  });
  socket.on('close', () => {
    client.dropAll();
  });
  return {
    ...createHeartbeat(socket),
    sweep() {
      client.sweep();
    },
  };
}

class Client implements Subscriber {
  readonly #room: LiveRoom;
  readonly #socket: WebSocket;
  readonly #topics = new Set<string>();
  /** Topics whose events are held back until a snapshot has been sent. */
  readonly #lagging = new Set<string>();
  /** Topics whose state is being read. */
  readonly #reading = new Set<string>();

  constructor(room: LiveRoom, socket: WebSocket) {
    this.#room = room;
    this.#socket = socket;
  }

  deliver(topic: string, frame: Frame): void {
    if (this.#lagging.has(topic)) return;
    if (this.#socket.bufferedAmount > MAX_BUFFERED) this.#lagging.add(topic);
    else this.#socket.send(frame.enveloped, { binary: false });
  }

  handle(message: ClientMessage): void {
    switch (message.type) {
      case 'subscribe':
        this.#subscribe(message).catch((error: unknown) => {
          this.#drop(message.topic);
          this.#fail(error, message.topic);
        });
        return;
      case 'unsubscribe':
        this.#drop(message.topic);
        this.#say({ type: 'unsubscribed', topic: message.topic });
        return;
      case 'ping':
        this.#say({ type: 'pong' });
    }
  }

  /** Snapshots of topics that were skipped, once everything that was sent has left. */
  sweep(): void {
    if (this.#socket.bufferedAmount > 0) return;
    for (const topic of this.#lagging) {
      this.#sendSnapshot(topic).catch((error: unknown) => {
        this.#drop(topic);
        this.#fail(error, topic);
      });
    }
  }

  dropAll(): void {
    for (const topic of this.#topics) this.#drop(topic);
  }

  async #subscribe({ topic, epoch, last_seq: lastSeq }: ClientMessage & { type: 'subscribe' }): Promise<void> {
    const { hub } = this.#room;
    if (!this.#topics.has(topic) && this.#topics.size >= MAX_TOPICS) {
      throw new AppError('LIMIT_EXCEEDED', `a socket may subscribe to ${MAX_TOPICS} topics`);
    }
    this.#topics.add(topic);
    const missed = lastSeq === undefined || epoch === undefined ? undefined : hub.findSince(topic, epoch, lastSeq);
    if (missed === undefined) this.#lagging.add(topic);
    hub.subscribe(topic, this);
    if (missed === undefined) await this.#sendSnapshot(topic);
    else for (const frame of missed) this.deliver(topic, frame);
  }

  /** The state and then the events since its number, so that a client sees numbers without holes. */
  async #sendSnapshot(topic: string): Promise<void> {
    if (this.#reading.has(topic)) return;
    this.#reading.add(topic);
    const { hub, nowMs } = this.#room;
    // The number is taken first: events between it and the state are told twice rather than never.
    const seq = hub.seqOf(topic);
    const state = await readTopicState(this.#room, topic).finally(() => this.#reading.delete(topic));
    if (!this.#topics.has(topic)) return;
    if (state === undefined) throw new AppError('NOT_FOUND', `there is nothing behind the topic ${topic}`);
    const since = hub.findSince(topic, hub.epoch, seq);
    // More has happened meanwhile than is kept: the next sweep tries again.
    if (since === undefined) return;
    this.#say({ type: 'snapshot', topic, epoch: hub.epoch, seq, at_ms: nowMs(), state });
    this.#lagging.delete(topic);
    for (const frame of since) this.deliver(topic, frame);
  }

  #drop(topic: string): void {
    this.#topics.delete(topic);
    this.#lagging.delete(topic);
    this.#room.hub.unsubscribe(topic, this);
  }

  #say(message: ServerMessage): void {
    if (this.#socket.bufferedAmount > MAX_UNREAD) this.#socket.terminate();
    else this.#socket.send(JSON.stringify(message));
  }

  #fail(error: unknown, topic: string): void {
    const code = error instanceof AppError ? error.code : 'INTERNAL';
    // Messages of stores name their files.
    const message = error instanceof AppError && ERROR_CATALOGUE[code].httpStatus < 500 ? error.message : 'the state could not be read';
    this.#say({ type: 'error', code, message, topic });
  }
}

/** Messages that break the contract end the connection: our own clients send none. */
function listen(socket: WebSocket, nowMs: () => number, handle: (message: ClientMessage) => void): void {
  let [count, sinceMs] = [0, nowMs()];
  socket.on('error', () => {
    socket.terminate();
  });
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (nowMs() - sinceMs > 1_000) [count, sinceMs] = [0, nowMs()];
    count += 1;
    if (count > MAX_MESSAGES_PER_S) {
      socket.close(CLOSE_TRY_LATER, 'too many messages');
      return;
    }
    const message = isBinary ? undefined : parseMessage(data);
    if (message === undefined) socket.close(CLOSE_POLICY, 'expected a message of the contract');
    else handle(message);
  });
}

function parseMessage(data: Buffer): ClientMessage | undefined {
  try {
    return ClientMessageSchema.safeParse(JSON.parse(data.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

function createHeartbeat(socket: WebSocket): Pick<Connection, 'checkAlive'> {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  // Each ping is answered, whether the answers are read or not.
  socket.on('ping', () => {
    if (socket.bufferedAmount > MAX_UNREAD) socket.terminate();
  });
  return {
    checkAlive() {
      if (!isAlive) return false;
      isAlive = false;
      socket.ping();
      return true;
    },
  };
}

/** The sockets of one backtest: plain progress objects, the first at once, and the end closes the socket. */
export async function openBacktestSocket(room: LiveRoom, socket: WebSocket, id: string): Promise<Connection> {
  const topic = `backtest:${id}`;
  let isLagging = false;
  const end = (event: LiveEvent): void => {
    if (hasEnded(event)) socket.close(CLOSE_NORMAL, 'the backtest has ended');
  };
  const tell = async (): Promise<void> => {
    const state = await readTopicState(room, topic);
    const event = state === undefined ? undefined : toBacktestProgress(state);
    if (event === undefined) {
      socket.close(CLOSE_NORMAL, 'there is no such backtest any more');
      return;
    }
    socket.send(JSON.stringify(event));
    end(event);
  };
  const subscriber: Subscriber = {
    deliver(_topic: string, frame: Frame) {
      if (socket.bufferedAmount > MAX_BUFFERED && !hasEnded(frame.event)) isLagging = true;
      if (isLagging) return;
      socket.send(frame.plain, { binary: false });
      end(frame.event);
    },
  };
  socket.on('error', () => {
    socket.terminate();
  });
  // Nothing is expected of the client.
  socket.on('message', () => undefined);
  socket.on('close', () => {
    room.hub.unsubscribe(topic, subscriber);
  });
  room.hub.subscribe(topic, subscriber);
  await tell();
  return {
    ...createHeartbeat(socket),
    sweep() {
      if (!isLagging || socket.bufferedAmount > 0) return;
      isLagging = false;
      tell().catch(() => {
        socket.terminate();
      });
    },
  };
}

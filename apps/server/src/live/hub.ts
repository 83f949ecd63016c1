/**
 * Live events in this process: numbered per topic, kept for a while for clients that come back, turned into bytes once for all subscribers.
 * Progress is thinned to ten a second; what must not be missed (states, ends) never is.
 */
import type { EventSink, LiveEvent } from '@quantbot/core';

/** Whoever listens. One that is too slow skips frames and asks for the state later. */
export interface Subscriber {
  deliver(topic: string, frame: Frame): void;
}

export interface Frame {
  readonly seq: number;
  /** With topic and number. */
  readonly enveloped: Buffer;
  /** The event alone, as the sockets of one backtest get it. */
  readonly plain: Buffer;
  readonly event: LiveEvent;
}

export interface Hub extends EventSink {
  readonly epoch: string;
  subscribe(topic: string, subscriber: Subscriber): void;
  unsubscribe(topic: string, subscriber: Subscriber): void;
  /** Events after `seq`, or undefined if they are not all here any more. */
  findSince(topic: string, epoch: string, seq: number): readonly Frame[] | undefined;
  seqOf(topic: string): number;
  /** Topics that somebody listens to, with the time of the last event from this process. */
  listWatched(): readonly { readonly topic: string; readonly lastPublishedMs: number }[];
  close(): void;
}

const PROGRESS_EVERY_MS = 100;
const RING = 256;
const MAX_TOPICS = 2_000;

export function createHub(room: { readonly epoch: string; readonly nowMs: () => number }): Hub {
  const topics = new Map<string, Topic>();
  const open = (name: string): Topic => {
    const found = topics.get(name);
    if (found !== undefined) return found;
    forgetIdle(topics);
    const topic = new Topic(name, room);
    topics.set(name, topic);
    return topic;
  };
  return {
    epoch: room.epoch,
    publish(name, event) {
      open(name).publish(event);
    },
    subscribe(name, subscriber) {
      open(name).subscribers.add(subscriber);
    },
    unsubscribe(name, subscriber) {
      topics.get(name)?.subscribers.delete(subscriber);
    },
    findSince: (name, epoch, seq) => (epoch === room.epoch ? open(name).findSince(seq) : undefined),
    seqOf: (name) => open(name).seq,
    listWatched: () =>
      [...topics].flatMap(([topic, { subscribers, lastPublishedMs }]) => (subscribers.size === 0 ? [] : [{ topic, lastPublishedMs }])),
    close() {
      for (const topic of topics.values()) topic.close();
      topics.clear();
    },
  };
}

/** Topics without listeners are kept for clients that come back, the oldest go first. */
function forgetIdle(topics: Map<string, Topic>): void {
  if (topics.size < MAX_TOPICS) return;
  const idle = [...topics].find(([, topic]) => topic.isIdle);
  if (idle !== undefined) topics.delete(idle[0]);
}

class Topic {
  readonly subscribers = new Set<Subscriber>();
  seq = 0;
  lastPublishedMs = -Infinity;
  readonly #name: string;
  readonly #room: { readonly epoch: string; readonly nowMs: () => number };
  readonly #ring: Frame[] = [];
  #pending: LiveEvent | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastProgressMs = -Infinity;

  constructor(name: string, room: { readonly epoch: string; readonly nowMs: () => number }) {
    this.#name = name;
    this.#room = room;
  }

  get isIdle(): boolean {
    return this.subscribers.size === 0 && this.#timer === undefined;
  }

  publish(event: LiveEvent): void {
    const nowMs = this.#room.nowMs();
    this.lastPublishedMs = nowMs;
    if (event.kind !== 'progress') {
      this.#flush();
      this.#emit(event);
      return;
    }
    this.#pending = event;
    const waitMs = this.#lastProgressMs + PROGRESS_EVERY_MS - nowMs;
    if (waitMs <= 0) this.#flush();
    else {
      this.#timer ??= setTimeout(() => {
        this.#flush();
      }, waitMs);
    }
  }

  /** undefined: some of them are not kept any more. */
  findSince(seq: number): readonly Frame[] | undefined {
    const missed = this.#ring.filter((frame) => frame.seq > seq);
    return missed.length === this.seq - seq ? missed : undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return;
    this.#lastProgressMs = this.#room.nowMs();
    this.#emit(pending);
  }

  #emit(event: LiveEvent): void {
    this.seq += 1;
    const { epoch, nowMs } = this.#room;
    const frame = toFrame({ topic: this.#name, epoch, seq: this.seq, atMs: nowMs() }, event);
    this.#ring.push(frame);
    if (this.#ring.length > RING) this.#ring.shift();
    for (const subscriber of this.subscribers) subscriber.deliver(this.#name, frame);
  }
}

interface Place {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
  readonly atMs: number;
}

function toFrame({ topic, epoch, seq, atMs }: Place, event: LiveEvent): Frame {
  const plain = JSON.stringify(event);
  const head = JSON.stringify({ type: 'event', topic, epoch, seq, at_ms: atMs });
  return { seq, event, plain: Buffer.from(plain), enveloped: Buffer.from(`${head.slice(0, -1)},"event":${plain}}`) };
}

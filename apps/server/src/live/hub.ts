/**
 * Live events in this process: numbered per topic, kept for a while for clients that come back, turned into bytes once for all subscribers.
 * Progress is thinned to ten a second; what must not be missed (states, ends) never is.
 */
import type { EventSink, LiveEvent } from '@quantbot/core';

/** Whoever listens; `true`: it took the frame, `false`: it is too slow and must be given a snapshot later. */
export interface Subscriber {
  deliver(topic: string, frame: Frame): boolean;
}

export interface Frame {
  readonly seq: number;
  /** With topic and number. */
  readonly enveloped: Buffer;
  /** The event alone, as the sockets of one backtest get it. */
  readonly plain: Buffer;
  readonly event: LiveEvent;
}

interface Topic {
  seq: number;
  readonly ring: Frame[];
  readonly subscribers: Set<Subscriber>;
  pending: LiveEvent | undefined;
  timer: NodeJS.Timeout | undefined;
  lastProgressMs: number;
  lastPublishedMs: number;
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

export function createHub({ epoch, nowMs }: { epoch: string; nowMs: () => number }): Hub {
  const topics = new Map<string, Topic>();
  const open = (name: string): Topic => {
    const found = topics.get(name);
    if (found !== undefined) return found;
    forgetIdle(topics);
    const topic: Topic = {
      seq: 0,
      ring: [],
      subscribers: new Set(),
      pending: undefined,
      timer: undefined,
      lastProgressMs: -Infinity,
      lastPublishedMs: -Infinity,
    };
    topics.set(name, topic);
    return topic;
  };
  const emit = (name: string, topic: Topic, event: LiveEvent): void => {
    topic.seq += 1;
    const frame = toFrame({ topic: name, epoch, seq: topic.seq, atMs: nowMs() }, event);
    topic.ring.push(frame);
    if (topic.ring.length > RING) topic.ring.shift();
    for (const subscriber of topic.subscribers) subscriber.deliver(name, frame);
  };
  const flush = (name: string, topic: Topic): void => {
    clearTimeout(topic.timer);
    topic.timer = undefined;
    const { pending } = topic;
    topic.pending = undefined;
    if (pending === undefined) return;
    topic.lastProgressMs = nowMs();
    emit(name, topic, pending);
  };
  return {
    epoch,
    publish(name, event) {
      const topic = open(name);
      topic.lastPublishedMs = nowMs();
      if (event.kind !== 'progress') {
        flush(name, topic);
        emit(name, topic, event);
        return;
      }
      topic.pending = event;
      const waitMs = topic.lastProgressMs + PROGRESS_EVERY_MS - nowMs();
      if (waitMs <= 0) flush(name, topic);
      else topic.timer ??= setTimeout(flush, waitMs, name, topic);
    },
    subscribe(name, subscriber) {
      open(name).subscribers.add(subscriber);
    },
    unsubscribe(name, subscriber) {
      topics.get(name)?.subscribers.delete(subscriber);
    },
    findSince(name, itsEpoch, seq) {
      const topic = open(name);
      if (itsEpoch !== epoch || seq > topic.seq) return undefined;
      const missed = topic.ring.filter((frame) => frame.seq > seq);
      return missed.length === topic.seq - seq ? missed : undefined;
    },
    seqOf: (name) => open(name).seq,
    listWatched: () =>
      [...topics].flatMap(([topic, { subscribers, lastPublishedMs }]) => (subscribers.size === 0 ? [] : [{ topic, lastPublishedMs }])),
    close() {
      for (const topic of topics.values()) clearTimeout(topic.timer);
      topics.clear();
    },
  };
}

/** Topics without listeners are kept for clients that come back, the oldest go first. */
function forgetIdle(topics: Map<string, Topic>): void {
  if (topics.size < MAX_TOPICS) return;
  const idle = [...topics].find(([, { subscribers, timer }]) => subscribers.size === 0 && timer === undefined);
  if (idle !== undefined) topics.delete(idle[0]);
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

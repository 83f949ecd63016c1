/** A load process: WebSocket clients that watch one study and check that no event passes them by. Told what to do by server-live.ts. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { answerQuestions } from './server-child.ts';
import { createHistogram, record, type Histogram } from './server-histogram.ts';

export interface Connect {
  readonly url: string;
  readonly topic: string;
  readonly count: number;
  /** New connections a second. */
  readonly perS: number;
}

export interface WatchReport {
  /** Publish to receipt, by `<window>/<group>`. */
  readonly latencies: Readonly<Record<string, Histogram>>;
  /** Numbers that were skipped without a snapshot that stands for them. */
  readonly lost: number;
  readonly events: number;
  readonly snapshots: number;
  /** Connections that ended without being asked to. */
  readonly dropped: number;
  /** Clients that saw the end of the study. */
  readonly ended: number;
}

const ENDS: ReadonlySet<unknown> = new Set(['complete', 'cancelled', 'failed']);
/** Asking for old events again and again, without reading them. */
const REPLAY_EVERY_MS = 100;
const REPLAYED = 250;

const total = { lost: 0, events: 0, snapshots: 0, dropped: 0 };
const latencies: Record<string, Histogram> = {};
const watchers: Watcher[] = [];
let measured = 'connecting';

class Watcher {
  group = 'others';
  hasEnded = false;
  readonly #url: string;
  readonly #topic: string;
  #socket: WebSocket | undefined;
  #isLeaving = false;
  #epoch: string | undefined;
  #lastSeq = -1;

  constructor(url: string, topic: string) {
    this.#url = url;
    this.#topic = topic;
  }

  async connect(): Promise<void> {
    const socket = new WebSocket(this.#url, { perMessageDeflate: false });
    this.#socket = socket;
    this.#isLeaving = false;
    socket.on('message', (data: Buffer) => {
      this.#receive(data.toString('utf8'));
    });
    socket.on('close', () => {
      if (!this.#isLeaving) total.dropped += 1;
    });
    await once(socket, 'open');
    socket.on('error', () => undefined);
    this.subscribe(this.#lastSeq);
  }

  subscribe(lastSeq: number): void {
    const since = this.#epoch === undefined ? {} : { epoch: this.#epoch, last_seq: Math.max(0, lastSeq) };
    this.#socket?.send(JSON.stringify({ type: 'subscribe', topic: this.#topic, ...since }));
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    const socket = this.#socket;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    socket.close();
    await once(socket, 'close');
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  askForOldEvents(): void {
    if (this.#socket?.isPaused === true) this.subscribe(this.#lastSeq - REPLAYED);
  }

  #receive(text: string): void {
    const receivedMs = Date.now();
    const message = JSON.parse(text) as Message;
    if (message.type === 'error') throw new Error(`the server says ${text}`);
    if (message.type === 'snapshot') {
      total.snapshots += 1;
      this.#epoch = message.epoch;
      this.#lastSeq = Math.max(this.#lastSeq, message.seq);
      if (ENDS.has(message.state?.job?.status)) this.hasEnded = true;
    }
    if (message.type === 'event' && message.seq > this.#lastSeq) this.#count(message, receivedMs);
  }

  #count({ seq, at_ms: atMs, event }: Message, receivedMs: number): void {
    total.events += 1;
    total.lost += seq - this.#lastSeq - 1;
    this.#lastSeq = seq;
    record((latencies[`${measured}/${this.group}`] ??= createHistogram(1)), receivedMs - atMs);
    if (ENDS.has(event?.['status'])) this.hasEnded = true;
  }
}

interface Message {
  readonly type: string;
  readonly epoch: string;
  readonly seq: number;
  readonly at_ms: number;
  readonly event?: Readonly<Record<string, unknown>>;
  readonly state?: { readonly job?: { readonly status: string } | null };
}

/** One after the other at a constant rate; all of them done before it resolves. */
async function paced<Item>(items: readonly Item[], perS: number, act: (item: Item) => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  const acting: Promise<void>[] = [];
  for (const [index, item] of items.entries()) {
    const waitMs = startedMs + (1_000 * index) / perS - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    acting.push(act(item));
  }
  await Promise.all(acting);
}

const slow = (count: number): readonly Watcher[] => watchers.slice(0, count);

answerQuestions({
  async connect({ url, topic, count, perS }: Connect) {
    const added = Array.from({ length: count }, () => new Watcher(url, topic));
    watchers.push(...added);
    await paced(added, perS, (watcher) => watcher.connect());
  },
  measure(window: string) {
    measured = window;
  },
  /** Stops reading for `ms`; `asking` of them ask for old events all the while. */
  async stall({ count, asking, ms }: { readonly count: number; readonly asking: number; readonly ms: number }) {
    for (const watcher of slow(count)) {
      watcher.group = 'slow';
      watcher.pause();
    }
    const endMs = performance.now() + ms;
    while (performance.now() < endMs) {
      for (const watcher of slow(asking)) watcher.askForOldEvents();
      await sleep(REPLAY_EVERY_MS);
    }
    for (const watcher of slow(count)) watcher.resume();
  },
  async reconnect({ perS }: { readonly perS: number }) {
    await Promise.all(watchers.map((watcher) => watcher.leave()));
    await paced(watchers, perS, (watcher) => watcher.connect());
  },
  async awaitEnd({ ms }: { readonly ms: number }) {
    const endMs = performance.now() + ms;
    while (watchers.some(({ hasEnded }) => !hasEnded) && performance.now() < endMs) await sleep(50);
  },
  leave: () => Promise.all(watchers.map((watcher) => watcher.leave())),
  report: (): WatchReport => ({ ...total, latencies, ended: watchers.filter(({ hasEnded }) => hasEnded).length }),
});

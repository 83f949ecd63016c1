/**
 * Work that runs in another process (a server on the same PostgreSQL, a command line) says nothing here: what somebody watches is read from the
 * store now and then, and a change becomes an event like any other.
 */
import type { LiveEvent } from '@quantbot/core';
import type { LiveRoom } from './connection.ts';
import { readTopicState, toBacktestProgress } from './topic-state.ts';

const POLL_EVERY_MS = 1_000;
/** This process tells its own work itself. */
const OWN_WORK_MS = 3_000;
const MAX_TOPICS_PER_TURN = 200;

export interface Poller {
  stop(): void;
}

export function startPoller(room: LiveRoom, onTrouble: (error: unknown) => void): Poller {
  const seen = new Map<string, string>();
  let isBusy = false;
  const turn = async (): Promise<void> => {
    const watched = room.hub.listWatched();
    const names = new Set(watched.map(({ topic }) => topic));
    for (const topic of seen.keys()) if (!names.has(topic)) seen.delete(topic);
    const quiet = watched.filter(({ lastPublishedMs }) => room.nowMs() - lastPublishedMs > OWN_WORK_MS);
    for (const { topic } of quiet.slice(0, MAX_TOPICS_PER_TURN)) await look(room, seen, topic);
  };
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    turn()
      .catch(onTrouble)
      .finally(() => {
        isBusy = false;
      });
  }, POLL_EVERY_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
    },
  };
}

async function look(room: LiveRoom, seen: Map<string, string>, topic: string): Promise<void> {
  const state = await readTopicState(room, topic);
  if (state === undefined) return;
  const text = JSON.stringify(state);
  const before = seen.get(topic);
  // Looked at again at the end of the list, so that a long list is gone through in turns.
  seen.delete(topic);
  seen.set(topic, text);
  if (before === undefined || before === text) return;
  room.hub.publish(topic, toEvent(topic, state));
  seen.set(topic, text);
}

function toEvent(topic: string, state: Record<string, unknown>): LiveEvent {
  if (topic.startsWith('backtest:')) return toBacktestProgress(state);
  return { kind: 'state', ...state };
}

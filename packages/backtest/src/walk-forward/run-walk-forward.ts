/**
 * Walk-forward analysis: search one window, test what was best on the stretch after it, move on. Every search is a study of its own, so an
 * analysis that was stopped or killed goes on where it was: studies that are complete are read, not run again.
 */
import { AppError, type Segment, type StitchResult, type Study, type TrialRecord } from '@quantbot/core';
import { explaining, toEngineStrategy } from '../candle-backtest/engine-strategy.ts';
import { prepareCandleSlice, type PreparedCandleSlice } from '../slice/prepare-candle-slice.ts';
import { createStudy, type CreateStudyRoom } from '../study/create-study.ts';
import { runStudy, type StudyRoom } from '../study/run-study.ts';
import type { BestOfWindow, SearchedWindow, WalkForwardOutcome, WalkForwardProgress, WalkForwardRequest } from './outcome.ts';
import { splitWindows, type WalkForwardWindow } from './windows.ts';

export interface WalkForwardRoom extends CreateStudyRoom, Omit<StudyRoom, 'onProgress' | 'onBlock' | keyof CreateStudyRoom> {
  readonly onProgress: (progress: WalkForwardProgress) => void;
}

/** Which period of a search decides: its whole window. */
const LEADING_PERIOD = 'all';

/**
 * undefined: told to come to a halt (`drain`), or one of the searches was paused; running it again goes on. Throws what a study throws, and
 * CANCELLED if `abort` was.
 */
export async function runWalkForward(room: WalkForwardRoom, request: WalkForwardRequest): Promise<WalkForwardOutcome | undefined> {
  const windows = splitWindows(request.windows);
  const searched: SearchedWindow[] = [];
  for (const window of windows) {
    const study = await search({ room, request, windows: windows.length }, window);
    if (study === undefined) return undefined;
    searched.push({ ...window, studyId: study.id, trials: study.trialsRecorded, best: await findBest(room, study) });
  }
  const prepared = await prepareTests(room, request, windows);
  const stitched = await stitch({ room, request, prepared }, searched);
  return { request, slice: prepared.slice, windows: searched, stitched };
}

interface Search {
  readonly room: WalkForwardRoom;
  readonly request: WalkForwardRequest;
  readonly windows: number;
}

/** The study of a window, complete; undefined: it came to a halt. */
async function search({ room, request, windows }: Search, window: WalkForwardWindow): Promise<Study | undefined> {
  const id = toStudyId(request.id, window.number);
  const found = await room.store.findStudy(id);
  if (found?.state === 'complete') return found;
  const study = found ?? (await createWindowStudy(room, request, { id, window }));
  const end = await runStudy(
    {
      ...room,
      onProgress: ({ recorded, evaluated }) => {
        room.onProgress({ window: window.number, windows, trials: recorded + evaluated, trialsWanted: request.trials });
      },
      onBlock: () => Promise.resolve(),
    },
    study,
  );
  if (end === 'complete') return room.store.findStudy(id);
  if (end === 'paused' && room.drain.aborted) return undefined;
  throw new AppError('CANCELLED', `the search of window ${String(window.number)} was ${end}; its study is ${id}`);
}

export function toStudyId(id: string, window: number): string {
  return `${id}-w${String(window).padStart(2, '0')}`;
}

interface NewStudy {
  readonly id: string;
  readonly window: WalkForwardWindow;
}

function createWindowStudy(room: WalkForwardRoom, request: WalkForwardRequest, { id, window }: NewStudy): Promise<Study> {
  const { plan, candles, seed, trials, provenance, name } = request;
  return createStudy(room, {
    id,
    plan: { ...plan, name: `${name}, window ${String(window.number)}`, periods: [LEADING_PERIOD] },
    candles,
    // Neighbouring windows must not try the same random parameters.
    seed: seed + window.number,
    trials,
    leadingPeriod: LEADING_PERIOD,
    ...window.train,
    strategyFiles: [],
    provenance,
  });
}

async function findBest({ store }: WalkForwardRoom, { id, definition }: Study): Promise<BestOfWindow | undefined> {
  const [objective] = definition.objectives;
  if (objective === undefined) return undefined;
  const key = { kind: 'objective', name: objective, period: LEADING_PERIOD } as const;
  const { items } = await store.listTrials(id, { acceptedOnly: true, sort: { key, direction: 'desc' }, limit: 1 });
  return items[0] && toBest(items[0], objective);
}

function toBest({ number, params, figures }: TrialRecord, objective: string): BestOfWindow | undefined {
  const whole = figures.find(({ period }) => period === LEADING_PERIOD);
  const value = whole?.objectives[objective];
  if (value === undefined || value === null) return undefined;
  return { trial: number, params, objective, value, totalReturn: whole?.metrics['total_return'] ?? null };
}

/** All tests on one slice, with the candles before them. */
function prepareTests(
  room: WalkForwardRoom,
  request: WalkForwardRequest,
  windows: readonly WalkForwardWindow[],
): Promise<PreparedCandleSlice> {
  const { symbols, intervalS } = request.candles;
  const [first, last] = [windows[0], windows.at(-1)];
  return prepareCandleSlice(room, { symbols, intervalS, fromMs: first?.test.fromMs, toMs: last?.test.toMs });
}

interface Tests {
  readonly room: WalkForwardRoom;
  readonly request: WalkForwardRequest;
  readonly prepared: PreparedCandleSlice;
}

async function stitch({ room, request, prepared }: Tests, windows: readonly SearchedWindow[]): Promise<StitchResult | undefined> {
  const segments = windows.flatMap(toSegment);
  if (segments.length === 0) return undefined;
  const { strategy } = request.candles;
  const { result } = await explaining(strategy, () =>
    room.engine.run(
      {
        operation: 'stitch',
        strategy: toEngineStrategy(strategy, request.candles),
        slice: prepared.slice,
        segments,
        periods: [...request.periods],
        objectives: [...request.plan.objectives],
      },
      { signal: room.abort },
    ),
  );
  return result;
}

function toSegment({ train, test, best }: SearchedWindow): readonly Segment[] {
  if (best === undefined) return [];
  const inSample = { from_ms: train.fromMs, to_ms: train.toMs, total_return: best.totalReturn };
  return [{ from_ms: test.fromMs, to_ms: test.toMs, params: { ...best.params }, in_sample: inSample }];
}

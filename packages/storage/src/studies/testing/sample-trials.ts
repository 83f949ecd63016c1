/** For tests: studies and trials that look like real ones, and are the same every time. */
import type { Figures, ParameterValue, Period, StudyDefinition, StudyStore, TrialRecord } from '@quantbot/core';

export const NOW_MS = 1_760_000_000_000;
export const STALE_AFTER_MS = 60_000;

/** A number in [0, 1) that depends on its arguments alone. */
export function noise(...seeds: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const seed of seeds) state = Math.imul(state ^ (seed + 0x7f4a7c15), 0x85ebca6b) ^ (state >>> 13);
  state = Math.imul(state ^ (state >>> 16), 0xc2b2ae35);
  return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
}

export function toDefinition(overrides: Partial<StudyDefinition> = {}): StudyDefinition {
  return {
    strategy: 'v1-baseline',
    objectives: ['mar'],
    periods: ['30d', 'all'],
    budget: 100,
    seed: 7,
    blockSize: 10,
    spec: { space: { tp_mult: [1.5, 2] } },
    ...overrides,
  };
}

export async function createSampleStudy(
  store: StudyStore,
  id: string,
  overrides: { name?: string; createdAtMs?: number; definition?: Partial<StudyDefinition> } = {},
): Promise<void> {
  const { name = `study ${id}`, createdAtMs = NOW_MS, definition } = overrides;
  await store.createStudy({ id, name, definition: toDefinition(definition), createdAtMs });
}

export interface SampleTrial {
  readonly params?: Readonly<Record<string, ParameterValue>>;
  readonly metrics?: Figures;
  readonly objectives?: Figures;
  readonly period?: Period;
  readonly rejections?: readonly string[];
  readonly state?: TrialRecord['state'];
}

/** A trial with one period; a failed one has no figures. */
export function toTrial(number: number, sample: SampleTrial = {}): TrialRecord {
  const {
    params = { tp_mult: 2, trailing: false },
    metrics = { trades: number },
    objectives = { mar: number / 2 },
    period = 'all',
    rejections = [],
    state = 'complete',
  } = sample;
  const failed = state === 'failed';
  return {
    number,
    state,
    params,
    figures: failed ? [] : [{ period, metrics, objectives, nullReasons: {} }],
    rejections,
    error: failed ? { code: 'ENGINE_BUG', message: 'division by zero', traceback: null } : null,
  };
}

const PERIODS = ['30d', '90d', '1y', 'all'] as const;
const METRICS = Array.from({ length: 21 }, (_, index) => `metric_${String(index)}`);
const OBJECTIVES = ['mar', 'utility', 'sharpe_ratio', 'win_rate'];

function toFigures(names: readonly string[], seeds: readonly number[]): Figures {
  return Object.fromEntries(names.map((name, index) => [name, noise(...seeds, index) < 0.02 ? null : noise(...seeds, index) * 500 - 120]));
}

/** As large as they come: 4 periods of 25 figures; one in 50 fails, one in 33 is pruned. A function of the number alone. */
export function toLargeTrial(number: number): TrialRecord {
  const params = {
    tp_mult: 1.5 + noise(number, 1),
    sl_mult: 0.85 + noise(number, 2) / 10,
    hold: 1 + Math.floor(noise(number, 3) * 48),
    mode: number % 3 === 0 ? 'trail' : 'fixed',
    strict: number % 2 === 0,
  };
  if (number % 50 === 49) return { ...toTrial(number, { state: 'failed' }), params };
  const figures = PERIODS.map((period, index) => ({
    period,
    metrics: toFigures(METRICS, [number, index, 5]),
    objectives: toFigures(OBJECTIVES, [number, index, 6]),
    nullReasons: {},
  }));
  const rejections = noise(number, 4) < 0.3 ? ['min_trades'] : [];
  return { number, state: number % 33 === 32 ? 'pruned' : 'complete', params, figures, rejections, error: null };
}

export function toLargeTrials(first: number, count: number): TrialRecord[] {
  return Array.from({ length: count }, (_, index) => toLargeTrial(first + index));
}

/** Claims the study and records the trials as one block. */
export async function recordTrials(store: StudyStore, studyId: string, trials: readonly TrialRecord[]): Promise<number> {
  const token = await claim(store, studyId);
  await store.recordBlock({ studyId, token, first: trials[0]?.number ?? 0, trials, atMs: NOW_MS });
  return token;
}

export async function claim(store: StudyStore, id: string, owner = 'runner'): Promise<number> {
  const token = await store.claimStudy({ id, owner, nowMs: NOW_MS, staleAfterMs: STALE_AFTER_MS });
  if (token === undefined) throw new Error('the study is held by another runner');
  return token;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What a walk-forward analysis is asked for and what it gives back. */
import type { ParameterValues, Period, SliceRef, StitchResult } from '@quantbot/core';
import type { CandleStudy } from '../study/candle-study.ts';
import type { StudySpec } from '../study/study-spec.ts';
import type { StudyPlan } from '../study-file/read-study-file.ts';
import type { WalkForwardWindow, WindowRules } from './windows.ts';

export interface WalkForwardRequest {
  /** The searches of its windows are studies named after it: `<id>-w01`. */
  readonly id: string;
  readonly name: string;
  readonly candles: CandleStudy;
  /** Space, sampler, objectives and criteria of each search; complete (completePlan). */
  readonly plan: StudyPlan;
  readonly windows: WindowRules;
  /** Trials of each search; null: until the space is exhausted. */
  readonly trials: number | null;
  /** Each search has its own, made of this one and its number. */
  readonly seed: number;
  readonly periods: readonly Period[];
  readonly provenance: StudySpec['provenance'];
}

export interface BestOfWindow {
  readonly trial: number;
  readonly params: ParameterValues;
  readonly objective: string;
  /** In sample: the figure it was chosen by. */
  readonly value: number;
  readonly totalReturn: number | null;
}

export interface SearchedWindow extends WalkForwardWindow {
  readonly studyId: string;
  readonly trials: number;
  /** undefined: no trial had a value of the objective and met the criteria, so the test was not traded. */
  readonly best: BestOfWindow | undefined;
}

/** What tables show: as much as a document of it keeps, wherever it ran. */
export interface ShownWalkForward {
  readonly windows: readonly (Pick<SearchedWindow, 'number' | 'train' | 'test'> & {
    readonly best: Pick<BestOfWindow, 'params' | 'totalReturn'> | undefined;
  })[];
  readonly stitched: Omit<StitchResult, 'symbols'> | undefined;
}

export interface WalkForwardOutcome {
  readonly request: WalkForwardRequest;
  readonly slice: SliceRef;
  readonly windows: readonly SearchedWindow[];
  /** The tests of windows that have a best trial, in order; undefined if none has. */
  readonly stitched: StitchResult | undefined;
}

export interface WalkForwardProgress {
  readonly window: number;
  readonly windows: number;
  /** Of this window's search. */
  readonly trials: number;
  readonly trialsWanted: number | null;
}

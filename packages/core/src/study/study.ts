/** Studies and trials: what a search is, and what is kept of it. Optuna's words. Trials are recorded once, in blocks, and never change. */
import { z } from 'zod';

/**
 * - `waiting`: created, nothing runs yet; `running`: a runner holds it; `paused`: stopped on purpose or by a full disk, can go on
 * - `complete`: budget used up or space exhausted; `cancelled`: by the user; `failed`: cannot go on, `reason` says why
 */
export const STUDY_STATES = ['waiting', 'running', 'paused', 'complete', 'cancelled', 'failed'] as const;
export type StudyState = (typeof STUDY_STATES)[number];

/** A failed trial is a result: it keeps its error. A pruned one stopped early and keeps what it had. */
export const TRIAL_STATES = ['complete', 'pruned', 'failed'] as const;
export type TrialState = (typeof TRIAL_STATES)[number];

export const ParameterValueSchema = z.union([z.number(), z.string(), z.boolean()]);
export type ParameterValue = z.infer<typeof ParameterValueSchema>;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** Periods a trial is judged over, counted back from the end of the data: `all` is the whole range. */
export const PERIODS = ['30d', '90d', '1y', 'all'] as const;
export type Period = (typeof PERIODS)[number];

/** Name of a metric or objective → its value, or null when it is undefined (reasons: `nullReasons`). Never NaN or Infinity. */
export type Figures = Readonly<Record<string, number | null>>;

export interface PeriodFigures {
  readonly period: Period;
  readonly metrics: Figures;
  readonly objectives: Figures;
  /** Name of an undefined figure → why, such as `no_drawdown`. */
  readonly nullReasons: Readonly<Record<string, string>>;
}

export interface TrialError {
  readonly code: string;
  readonly message: string;
  readonly traceback: string | null;
}

/** A trial as it is recorded: a function of (data, space, sampler, seed, number), so it holds no times and no places. */
export interface TrialRecord {
  /** 0-based within the study, without holes. */
  readonly number: number;
  readonly state: TrialState;
  readonly params: ParameterValues;
  /** One entry per period of the study; empty for a failed trial. */
  readonly figures: readonly PeriodFigures[];
  /** Names of success criteria and result constraints that the trial does not meet. */
  readonly rejections: readonly string[];
  readonly error: TrialError | null;
}

/** What a study was asked to do; immutable once created. The store keeps it as JSON and does not look inside. */
export interface StudyDefinition {
  readonly strategy: string;
  readonly objectives: readonly string[];
  readonly periods: readonly Period[];
  /** Trials asked for; null: until the space is exhausted. */
  readonly budget: number | null;
  readonly seed: number;
  /** What a sampler with a model suggests before it sees results. Without a model trials are recorded in blocks of any size. */
  readonly blockSize: number;
  /** Everything else (space, sampler, data, strategy configuration), as the runner needs it to go on. */
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface Study {
  readonly id: string;
  readonly name: string;
  readonly state: StudyState;
  /** Why it is paused, cancelled or failed. */
  readonly reason: string | null;
  readonly definition: StudyDefinition;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly trialsRecorded: number;
  readonly trialsFailed: number;
  readonly trialsPruned: number;
}

/** One pass over the trials of a study: counts, why trials were rejected or failed, and who leads for each objective and period. */
import type { Period, StudyDefinition, TrialRecord } from '@quantbot/core';

/** A trial that was better than all before it. */
interface Improvement {
  readonly number: number;
  readonly value: number;
}

/** The race for the best value of one objective in one period. Complete trials only; ties go to the lower number. */
export interface Race {
  readonly objective: string;
  readonly period: Period;
  /** Among trials that meet all criteria. */
  readonly accepted: Leader;
  /** Among all complete trials. */
  readonly any: Leader;
}

export interface Leader {
  trial: TrialRecord | null;
  value: number;
  readonly improvements: Improvement[];
}

export interface Failure {
  readonly number: number;
  readonly code: string;
  readonly message: string;
}

export interface StudyTally {
  readonly counts: { recorded: number; complete: number; pruned: number; failed: number; accepted: number };
  /** Criterion or constraint → trials that do not meet it. */
  readonly rejections: ReadonlyMap<string, number>;
  readonly failuresByCode: ReadonlyMap<string, number>;
  /** The first ones; all are in the files of trials. */
  readonly failures: readonly Failure[];
  /** By period, then objective, in the order of the definition. */
  readonly races: readonly Race[];
}

const LISTED_FAILURES = 100;

export class TrialTally implements StudyTally {
  readonly counts = { recorded: 0, complete: 0, pruned: 0, failed: 0, accepted: 0 };
  readonly rejections = new Map<string, number>();
  readonly failuresByCode = new Map<string, number>();
  readonly failures: Failure[] = [];
  readonly races: readonly Race[];

  constructor({ objectives, periods }: Pick<StudyDefinition, 'objectives' | 'periods'>) {
    const createLeader = (): Leader => ({ trial: null, value: -Infinity, improvements: [] });
    this.races = periods.flatMap((period) =>
      objectives.map((objective) => ({ objective, period, accepted: createLeader(), any: createLeader() })),
    );
  }

  add(trial: TrialRecord): void {
    this.counts.recorded += 1;
    this.counts[trial.state] += 1;
    for (const rejection of trial.rejections) count(this.rejections, rejection);
    if (trial.error !== null) this.#addFailure(trial.number, trial.error);
    if (trial.state !== 'complete') return;
    if (isAccepted(trial)) this.counts.accepted += 1;
    for (const race of this.races) enter(race, trial);
  }

  #addFailure(number: number, { code, message }: { code: string; message: string }): void {
    count(this.failuresByCode, code);
    if (this.failures.length < LISTED_FAILURES) this.failures.push({ number, code, message });
  }
}

/** Complete, and meets all success criteria and constraints on results. */
export function isAccepted({ state, rejections }: TrialRecord): boolean {
  return state === 'complete' && rejections.length === 0;
}

/** The leader among accepted trials, or among all if none is accepted. */
export function toLeader({ accepted, any }: Race): Leader {
  return accepted.trial === null ? any : accepted;
}

function enter(race: Race, trial: TrialRecord): void {
  const value = trial.figures.find(({ period }) => period === race.period)?.objectives[race.objective] ?? null;
  if (value === null) return;
  improve(race.any, trial, value);
  if (isAccepted(trial)) improve(race.accepted, trial, value);
}

function improve(leader: Leader, trial: TrialRecord, value: number): void {
  if (leader.trial !== null && value <= leader.value) return;
  leader.trial = trial;
  leader.value = value;
  leader.improvements.push({ number: trial.number, value });
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

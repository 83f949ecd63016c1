/** What a runner remembers of the recorded trials: as little as the sampler and the progress line need. */
import type { SAMPLER_NAMES } from '@quantbot/core';
import { type PastTrialSchema, type Study, type StudyStore, type TrialError, type TrialRecord } from '@quantbot/core';
import type { z } from 'zod';
import type { StudyProgress } from './study-progress.ts';
import type { StudySpec } from './study-spec.ts';

type PastTrial = z.infer<typeof PastTrialSchema>;

export interface History {
  readonly recorded: number;
  add(trials: readonly TrialRecord[]): void;
  /** All recorded trials for a sampler with a model, none for one without. */
  forSampler(): readonly PastTrial[];
  toProgress(): Omit<StudyProgress, 'evaluated'>;
  lastError(): TrialError | undefined;
}

const WITHOUT_MODEL = new Set<(typeof SAMPLER_NAMES)[number]>(['grid', 'random', 'quasi_random']);

export function hasModel(sampler: StudySpec['sampler']): boolean {
  return !WITHOUT_MODEL.has(sampler.name);
}

/** Reads what is recorded; without a model nothing but the counts and the best trial. */
export async function createHistory(store: StudyStore, study: Study, spec: StudySpec): Promise<History> {
  const history = new RecordedHistory(study, spec);
  for await (const trial of store.streamTrials(study.id)) history.add([trial]);
  return history;
}

class RecordedHistory implements History {
  recorded = 0;
  #failed = 0;
  #best: StudyProgress['best'] = null;
  #lastError: TrialError | undefined;
  readonly #past: PastTrial[] = [];
  readonly #study: Study;
  readonly #spec: StudySpec;

  constructor(study: Study, spec: StudySpec) {
    this.#study = study;
    this.#spec = spec;
  }

  add(trials: readonly TrialRecord[]): void {
    for (const trial of trials) this.#addOne(trial);
  }

  forSampler(): readonly PastTrial[] {
    return this.#past;
  }

  toProgress(): Omit<StudyProgress, 'evaluated'> {
    return { recorded: this.recorded, failed: this.#failed, best: this.#best, budget: this.#study.definition.budget };
  }

  lastError(): TrialError | undefined {
    return this.#lastError;
  }

  #addOne(trial: TrialRecord): void {
    this.recorded += 1;
    if (trial.state === 'failed') this.#failed += 1;
    this.#lastError = trial.error ?? this.#lastError;
    const figures = trial.figures.find(({ period }) => period === this.#spec.leading_period);
    const values = this.#study.definition.objectives.map((name) => figures?.objectives[name] ?? null);
    const isFeasible = trial.rejections.length === 0;
    const [value = null] = values;
    if (value !== null && isFeasible && (this.#best === null || value > this.#best.value)) this.#best = { number: trial.number, value };
    if (!hasModel(this.#spec.sampler)) return;
    this.#past.push({
      number: trial.number,
      params: { ...trial.params },
      values: trial.state === 'failed' ? null : values,
      is_feasible: isFeasible,
    });
  }
}

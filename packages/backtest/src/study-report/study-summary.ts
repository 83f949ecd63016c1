/** What a study found, as a JSON document: summary.json, `--json` of the commands, and the head of the dashboard. */
import type { Figures, ParameterValues, Period, Study, StudyStore } from '@quantbot/core';
import { readStudySpec } from '../study/study-spec.ts';
import type { StudyImportance } from './parameter-importance.ts';
import { isAccepted, toLeader, TrialTally, type Failure, type Race, type StudyTally } from './study-tally.ts';

export interface BestTrial {
  readonly objective: string;
  readonly period: Period;
  readonly value: number;
  readonly number: number;
  /** false: no trial meets all criteria, so this is the best of those that do not. */
  readonly accepted: boolean;
  readonly rejections: readonly string[];
  readonly params: ParameterValues;
  /** Of this period. */
  readonly metrics: Figures;
}

/** snake_case: a document for other programs. Money in the account's currency, returns as fractions. */
export interface StudySummary {
  readonly kind: 'study_summary';
  readonly schema_version: 1;
  readonly study: {
    readonly id: string;
    readonly name: string;
    readonly state: string;
    readonly reason: string | null;
    readonly strategy: string;
    readonly sampler: string;
    readonly seed: number;
    readonly budget: number | null;
    readonly objectives: readonly string[];
    readonly periods: readonly Period[];
    readonly leading_period: Period;
    readonly slice_id: string | null;
    readonly created_at: string;
    readonly updated_at: string;
  };
  readonly counts: StudyTally['counts'];
  readonly rejections: Readonly<Record<string, number>>;
  readonly failures: { readonly by_code: Readonly<Record<string, number>>; readonly first: readonly Failure[] };
  /** One entry per period and objective that any trial has a value for. */
  readonly best: readonly BestTrial[];
  /** By the first objective in the leading period. */
  readonly best_overall: BestTrial | null;
  /** Of the parameters. null: not measured, which takes the engine and at least one complete trial. */
  readonly importance: StudyImportance | null;
}

export function toStudySummary(study: Study, tally: StudyTally, importance: StudyImportance | null = null): StudySummary {
  const { definition } = study;
  const spec = readStudySpec(study);
  const best = tally.races.flatMap((race) => toBest(race) ?? []);
  return {
    kind: 'study_summary',
    schema_version: 1,
    study: {
      id: study.id,
      name: study.name,
      state: study.state,
      reason: study.reason,
      strategy: definition.strategy,
      sampler: spec.sampler.name,
      seed: definition.seed,
      budget: definition.budget,
      objectives: definition.objectives,
      periods: definition.periods,
      leading_period: spec.leading_period,
      slice_id: spec.slice_id,
      created_at: new Date(study.createdAtMs).toISOString(),
      updated_at: new Date(study.updatedAtMs).toISOString(),
    },
    counts: { ...tally.counts },
    rejections: toSorted(tally.rejections),
    failures: { by_code: toSorted(tally.failuresByCode), first: tally.failures },
    best,
    best_overall: best.find(({ objective, period }) => objective === definition.objectives[0] && period === spec.leading_period) ?? null,
    importance,
  };
}

/** Reads all trials, one at a time. */
export async function summariseStudy(store: Pick<StudyStore, 'streamTrials'>, study: Study): Promise<StudySummary> {
  const tally = new TrialTally(study.definition);
  for await (const trial of store.streamTrials(study.id)) tally.add(trial);
  return toStudySummary(study, tally);
}

function toBest(race: Race): BestTrial | undefined {
  const { trial, value } = toLeader(race);
  if (trial === null) return undefined;
  return {
    objective: race.objective,
    period: race.period,
    value,
    number: trial.number,
    accepted: isAccepted(trial),
    rejections: trial.rejections,
    params: trial.params,
    metrics: trial.figures.find(({ period }) => period === race.period)?.metrics ?? {},
  };
}

/** Most frequent first. */
function toSorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

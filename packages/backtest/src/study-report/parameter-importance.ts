/** How much each parameter matters: the complete trials of a study, or an even sample of them, weighed by the engine. */
import { AppError, type ObjectiveImportance, type PastTrial, type Period, type Study } from '@quantbot/core';
import type { PythonEngine } from '../engine/python-engine.ts';
import { readStudySpec } from '../study/study-spec.ts';
import type { TrialColumns } from './trial-columns.ts';

/** snake_case: part of the summary. */
export interface StudyImportance {
  readonly period: Period;
  readonly complete_trials: number;
  /** Of them: sent to the engine. */
  readonly sampled_trials: number;
  /** Empty if the engine could not measure it. */
  readonly objectives: readonly ({ readonly objective: string } & ObjectiveImportance)[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface ImportanceRoom {
  readonly engine: PythonEngine;
  readonly signal: AbortSignal;
}

/** More trials take longer and hardly move a share. */
const MOST_TRIALS = 5_000;
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** By each objective in the leading period; null: no trial is complete. Rejects with CANCELLED only: a report is worth more than one of its parts. */
export async function findImportance(
  { engine, signal }: ImportanceRoom,
  study: Study,
  columns: TrialColumns,
): Promise<StudyImportance | null> {
  const { space, leading_period: period } = readStudySpec(study);
  const { objectives } = study.definition;
  const complete = columns.listRows().filter((row) => columns.state[row] === 'complete');
  if (complete.length === 0) return null;
  const sample = sampleEvenly(complete, MOST_TRIALS);
  const trials = sample.map((row): PastTrial => ({
    number: columns.number[row] ?? 0,
    params: columns.params[row] ?? {},
    values: objectives.map((objective) => columns.find(row, period, objective)),
    is_feasible: columns.accepted[row] ?? false,
  }));
  const counts = { period, complete_trials: complete.length, sampled_trials: sample.length };
  try {
    const { result } = await engine.run({ operation: 'importance', space, trials, objectives: objectives.length }, { signal });
    const weighed = objectives.flatMap((objective, index) => {
      const found = result.objectives[index];
      return found === undefined ? [] : [{ objective, ...found }];
    });
    return { ...counts, objectives: weighed, error: null };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'CANCELLED') throw error;
    return { ...counts, objectives: [], error: { code: error.code, message: error.message } };
  }
}

/**
 * One row of each of `most` equal stretches. Its place within the stretch varies: every second trial of a grid may have
 * the same value of the innermost parameter.
 */
export function sampleEvenly(rows: readonly number[], most: number): readonly number[] {
  if (rows.length <= most) return rows;
  const stretch = rows.length / most;
  return Array.from({ length: most }, (_, index) => {
    const start = Math.floor(index * stretch);
    const length = Math.floor((index + 1) * stretch) - start;
    return rows[start + Math.floor(((index * GOLDEN_RATIO) % 1) * length)] ?? 0;
  });
}

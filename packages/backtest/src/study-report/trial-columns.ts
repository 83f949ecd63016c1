/** The figures of all trials that tables and charts are made of, held as columns: about 30 numbers a trial, 25 MB for 100,000. */
import type { ParameterValues, StudyDefinition, TrialRecord, TrialState } from '@quantbot/core';
import { readFigure } from './flat-trial.ts';
import { isAccepted } from './study-tally.ts';

/** Metrics that people compare trials by, beside the objectives. */
export const COMPARED_METRICS = [
  'total_return',
  'final_balance',
  'max_drawdown',
  'sharpe_ratio',
  'sortino_ratio',
  'calmar_ratio',
  'win_rate',
  'profit_factor',
  'trades',
  'fee_share',
  'average_win',
] as const;

/** Rows are trials by number. */
export class TrialColumns {
  readonly number: number[] = [];
  readonly state: TrialState[] = [];
  readonly accepted: boolean[] = [];
  readonly params: ParameterValues[] = [];
  readonly rejections: (readonly string[])[] = [];
  /** `<period>.<name>` → values; NaN: undefined. */
  readonly #figures = new Map<string, number[]>();
  readonly #keys: readonly { readonly period: string; readonly name: string; readonly values: number[] }[];

  constructor({ objectives, periods }: Pick<StudyDefinition, 'objectives' | 'periods'>) {
    const names = [...new Set<string>([...objectives, ...COMPARED_METRICS])];
    this.#keys = periods.flatMap((period) => names.map((name) => ({ period, name, values: [] })));
    for (const { period, name, values } of this.#keys) this.#figures.set(`${period}.${name}`, values);
  }

  get rows(): number {
    return this.number.length;
  }

  add(trial: TrialRecord): void {
    this.number.push(trial.number);
    this.state.push(trial.state);
    this.accepted.push(isAccepted(trial));
    this.params.push(trial.params);
    this.rejections.push(trial.rejections);
    for (const { period, name, values } of this.#keys) values.push(readFigure(trial, period, name) ?? NaN);
  }

  /** null: undefined for this trial, or not kept at all. */
  find(row: number, period: string, name: string): number | null {
    const value = this.#figures.get(`${period}.${name}`)?.[row] ?? NaN;
    return Number.isNaN(value) ? null : value;
  }

  /** Rows in falling order of a figure; undefined values last, ties by number. */
  rank(period: string, name: string, rows: readonly number[] = this.listRows()): readonly number[] {
    const values = this.#figures.get(`${period}.${name}`) ?? [];
    const of = (row: number): number => {
      const value = values[row] ?? NaN;
      return Number.isNaN(value) ? -Infinity : value;
    };
    return rows.toSorted((a, b) => compareFalling(of(a), of(b)) || a - b);
  }

  listRows(): number[] {
    return Array.from(this.number, (_, row) => row);
  }
}

/** Infinite values would give NaN as a difference. */
function compareFalling(a: number, b: number): number {
  return a === b ? 0 : a < b ? 1 : -1;
}

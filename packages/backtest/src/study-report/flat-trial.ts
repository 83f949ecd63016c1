/** A trial as one row of a table: what it is, its parameters, then all figures of each period. The columns of trials.csv and trials.parquet. */
import type { Parameter, ParameterValue, Period, TrialRecord } from '@quantbot/core';
import type { CsvCell } from '../report/csv-document.ts';
import { isAccepted } from './study-tally.ts';

type ColumnType = 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'VARCHAR';

export interface FlatColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly read: (trial: TrialRecord) => CsvCell;
}

/** Names of figures by period, in order of first appearance; metrics and objectives of one name are the same figure. */
export type FigureNames = ReadonlyMap<Period, ReadonlySet<string>>;

/** Collects the names while trials pass by: strategies in files of the user's may report figures of their own. */
export class SeenFigures {
  readonly names = new Map<Period, Set<string>>();

  add({ figures }: TrialRecord): void {
    for (const { period, metrics, objectives } of figures) {
      let names = this.names.get(period);
      if (names === undefined) this.names.set(period, (names = new Set()));
      for (const name in metrics) names.add(name);
      for (const name in objectives) names.add(name);
    }
  }
}

const HEAD: readonly FlatColumn[] = [
  { name: 'number', type: 'BIGINT', read: ({ number }) => number },
  { name: 'state', type: 'VARCHAR', read: ({ state }) => state },
  { name: 'accepted', type: 'BOOLEAN', read: isAccepted },
  { name: 'rejections', type: 'VARCHAR', read: ({ rejections }) => rejections.join('; ') },
  { name: 'error_code', type: 'VARCHAR', read: ({ error }) => error?.code ?? null },
  { name: 'error_message', type: 'VARCHAR', read: ({ error }) => error?.message ?? null },
];

/** `params.tp_mult`, `all.total_return`: prefixed, so that no parameter can take the name of another column. */
export function toFlatColumns(parameters: readonly Parameter[], names: FigureNames): readonly FlatColumn[] {
  const params = parameters.map((parameter): FlatColumn => {
    const { name } = parameter;
    return { name: `params.${name}`, type: toColumnType(parameter), read: ({ params: values }) => values[name] ?? null };
  });
  const figures = [...names].flatMap(([period, ofPeriod]) => [...ofPeriod].map((name) => toFigureColumn(period, name)));
  return [...HEAD, ...params, ...figures];
}

function toFigureColumn(period: Period, name: string): FlatColumn {
  return { name: `${period}.${name}`, type: 'DOUBLE', read: (trial) => readFigure(trial, period, name) };
}

/** null: undefined, or not there. */
export function readFigure({ figures }: TrialRecord, period: string, name: string): number | null {
  for (const each of figures) if (each.period === period) return each.objectives[name] ?? each.metrics[name] ?? null;
  return null;
}

function toColumnType(parameter: Parameter): ColumnType {
  switch (parameter.kind) {
    case 'int':
      return 'BIGINT';
    case 'float':
      return 'DOUBLE';
    case 'range':
      return Number.isInteger(parameter.start) && Number.isInteger(parameter.step) ? 'BIGINT' : 'DOUBLE';
    case 'categorical':
      return toTypeOfValues(parameter.values);
  }
}

function toTypeOfValues(values: readonly ParameterValue[]): ColumnType {
  if (values.every((value) => typeof value === 'boolean')) return 'BOOLEAN';
  if (!values.every((value) => typeof value === 'number')) return 'VARCHAR';
  return values.every((value) => Number.isSafeInteger(value)) ? 'BIGINT' : 'DOUBLE';
}

/** One line of trials.jsonl: the whole record, with the reasons of undefined figures. */
export function toTrialDocument(trial: TrialRecord): object {
  return {
    number: trial.number,
    state: trial.state,
    accepted: isAccepted(trial),
    params: trial.params,
    figures: trial.figures.map(({ period, metrics, objectives, nullReasons }) => ({
      period,
      metrics,
      objectives,
      null_reasons: nullReasons,
    })),
    rejections: trial.rejections,
    error: trial.error,
  };
}

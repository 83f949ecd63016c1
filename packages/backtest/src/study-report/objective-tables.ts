/** Tables of a report for spreadsheets: per objective and period all trials by total return, and one with the best of each. */
import type { Parameter, Period } from '@quantbot/core';
import { toCsvCell, toCsvDocument, type CsvCell } from '../report/csv-document.ts';
import type { StagedDirectory } from '../report/staged-directory.ts';
import type { StudySummary } from './study-summary.ts';
import { COMPARED_METRICS, type TrialColumns } from './trial-columns.ts';

export interface ObjectiveTable {
  readonly objective: string;
  readonly period: Period;
  readonly parameters: readonly Parameter[];
}

/** Name of the file. Objectives are names of the engine's list; anything else in one is made harmless. */
function toTableName({ objective, period }: Pick<ObjectiveTable, 'objective' | 'period'>): string {
  return `objectives/${objective.replaceAll(/[^\w-]/g, '_')}.${period}.csv`;
}

/** Every trial that has figures, highest total return first; trials without one last. */
export async function writeObjectiveTable(staged: StagedDirectory, columns: TrialColumns, table: ObjectiveTable): Promise<void> {
  const { objective, period, parameters } = table;
  const metrics = COMPARED_METRICS.filter((name) => name !== objective);
  const sink = await staged.openText(toTableName(table));
  const header = ['rank', 'number', 'state', 'accepted', objective, ...metrics, ...parameters.map(({ name }) => `params.${name}`)];
  await sink.append(`${header.map(toCsvCell).join(',')}\n`);
  const withFigures = columns.listRows().filter((row) => columns.state[row] !== 'failed');
  let rank = 0;
  for (const row of columns.rank(period, 'total_return', withFigures)) {
    rank += 1;
    const cells: CsvCell[] = [rank, columns.number[row] ?? null, columns.state[row] ?? null, columns.accepted[row] ?? null];
    cells.push(columns.find(row, period, objective));
    for (const name of metrics) cells.push(columns.find(row, period, name));
    for (const { name } of parameters) cells.push(columns.params[row]?.[name] ?? null);
    await sink.append(`${cells.map(toCsvCell).join(',')}\n`);
  }
  await sink.close();
}

/** One row per objective and period: its best trial. */
export function renderSummaryCsv({ best }: StudySummary, parameters: readonly Parameter[]): string {
  const header = [
    'objective',
    'period',
    'value',
    'number',
    'accepted',
    'rejections',
    ...COMPARED_METRICS,
    ...parameters.map(({ name }) => `params.${name}`),
  ];
  return toCsvDocument(
    header,
    best.map((one) => [
      one.objective,
      one.period,
      one.value,
      one.number,
      one.accepted,
      one.rejections.join('; '),
      ...COMPARED_METRICS.map((name) => one.metrics[name] ?? null),
      ...parameters.map(({ name }) => one.params[name] ?? null),
    ]),
  );
}

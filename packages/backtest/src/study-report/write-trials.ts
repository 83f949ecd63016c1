/** All trials of a study into files, read from the store as a stream: memory does not grow with the study. */
import { AppError, type Study, type StudyStore, type TrialRecord } from '@quantbot/core';
import { toCsvCell, type CsvCell } from '../report/csv-document.ts';
import type { StagedDirectory, TextSink } from '../report/staged-directory.ts';
import { readStudySpec } from '../study/study-spec.ts';
import { SeenFigures, toFlatColumns, toTrialDocument, type FigureNames, type FlatColumn } from './flat-trial.ts';

/** Makes Parquet from a CSV file in which every text stands in quotes and an empty cell is null. Paths are absolute. */
export type WriteParquet = (table: {
  readonly csvPath: string;
  readonly columns: readonly Pick<FlatColumn, 'name' | 'type'>[];
  readonly parquetPath: string;
}) => Promise<void>;

export type TrialFormat = 'csv' | 'jsonl' | 'parquet';

export interface TrialSource {
  readonly store: Pick<StudyStore, 'streamTrials'>;
  readonly study: Study;
  readonly signal: AbortSignal;
}

/** The trials that are recorded at the moment; more may be added while they are read. */
export async function* streamRecorded({ store, study, signal }: TrialSource): AsyncGenerator<TrialRecord, void, undefined> {
  for await (const trial of store.streamTrials(study.id)) {
    if (trial.number >= study.trialsRecorded) return;
    if (signal.aborted) throw new AppError('CANCELLED', 'reading the trials was cancelled');
    yield trial;
  }
}

async function writeJsonl(sink: TextSink, trials: AsyncIterable<TrialRecord>): Promise<void> {
  for await (const trial of trials) await sink.append(toJsonLine(trial));
  await sink.close();
}

export function toJsonLine(trial: TrialRecord): string {
  return `${JSON.stringify(toTrialDocument(trial))}\n`;
}

/** Names of a file for each format that is wanted. */
export interface TableFiles {
  readonly csv?: string;
  readonly parquet?: { readonly name: string; readonly write: WriteParquet };
}

/** Writes the same rows as CSV for people and as Parquet, with one reading of the trials. */
export async function writeTables(
  { staged, source, names }: { staged: StagedDirectory; source: TrialSource; names: FigureNames },
  files: TableFiles,
): Promise<void> {
  const columns = toFlatColumns(readStudySpec(source.study).space.parameters, names);
  const header = columns.map(({ name }) => name);
  const people = files.csv === undefined ? undefined : await staged.openText(files.csv);
  const exact = files.parquet === undefined ? undefined : await staged.openScratch('exact.csv');
  await people?.append(`${header.map(toCsvCell).join(',')}\n`);
  await exact?.append(`${header.map(toExactCell).join(',')}\n`);
  for await (const trial of streamRecorded(source)) {
    const cells = columns.map(({ read }) => read(trial));
    await people?.append(`${cells.map(toCsvCell).join(',')}\n`);
    await exact?.append(`${cells.map(toExactCell).join(',')}\n`);
  }
  await people?.close();
  if (exact === undefined || files.parquet === undefined) return;
  await exact.close();
  const { name, write } = files.parquet;
  await write({ csvPath: exact.path, columns, parquetPath: staged.toPath(name) });
  await exact.remove();
  await staged.adopt(name);
}

/** For programs: every text in quotes, so that an empty one is not taken for null, and none is changed for the sake of spreadsheets. */
function toExactCell(cell: CsvCell): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? `"${cell.replaceAll('"', '""')}"` : String(cell);
}

/** Trials in one file of their own, for exports: as a report has them. */
export async function exportTrials(
  source: TrialSource,
  { staged, name, format, writeParquet }: { staged: StagedDirectory; name: string; format: TrialFormat; writeParquet: WriteParquet },
): Promise<void> {
  if (format === 'jsonl') {
    await writeJsonl(await staged.openText(name), streamRecorded(source));
    return;
  }
  const seen = new SeenFigures();
  for await (const trial of streamRecorded(source)) seen.add(trial);
  await writeTables({ staged, source, names: seen.names }, format === 'csv' ? { csv: name } : { parquet: { name, write: writeParquet } });
}

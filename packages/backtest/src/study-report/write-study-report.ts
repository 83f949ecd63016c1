/** The report of a study: one folder with all trials, tables by objective and period, the summary and the dashboard. */
import type { Study, StudyStore } from '@quantbot/core';
import { openStagedDirectory, writeText, type StagedDirectory, type WrittenFile } from '../report/staged-directory.ts';
import { readStudySpec, type StudySpec } from '../study/study-spec.ts';
import { chooseRows } from './dashboard-data.ts';
import { SeenFigures } from './flat-trial.ts';
import { renderDashboard } from './html/dashboard-page.ts';
import { renderSummaryCsv, writeObjectiveTable } from './objective-tables.ts';
import { findImportance } from './parameter-importance.ts';
import { toStudySummary, type StudySummary } from './study-summary.ts';
import { TrialTally } from './study-tally.ts';
import { simulateTop, type CurveRoom, type TopCurve } from './top-curves.ts';
import { TrialColumns } from './trial-columns.ts';
import { streamRecorded, toJsonLine, writeTables, type TrialSource, type WriteParquet } from './write-trials.ts';

export interface StudyReportRoom {
  readonly store: StudyStore;
  /** Folder of the run. Made if it is not there; files of an earlier report in it are replaced. */
  readonly dir: string;
  readonly writeParquet: WriteParquet;
  /** undefined: no equity curves and no importance of parameters, as in a report that is written while the study runs. */
  readonly curves: CurveRoom | undefined;
  /** Part of the manifest: the process that writes the report, its machine and arguments. */
  readonly writer: Readonly<Record<string, unknown>>;
  readonly writtenAtMs: number;
  readonly signal: AbortSignal;
}

export interface WrittenStudyReport {
  readonly summary: StudySummary;
  readonly files: readonly WrittenFile[];
}

/** Best trials whose equity is drawn. */
const TOP_CURVES = 5;

/** Writes everything or nothing. Throws AppError DISK_FULL or STORAGE_FAILED. */
export async function writeStudyReport(room: StudyReportRoom, study: Study): Promise<WrittenStudyReport> {
  const spec = readStudySpec(study);
  await using staged = await openStagedDirectory(room.dir);
  const source: TrialSource = { store: room.store, study, signal: room.signal };
  const { tally, columns, seen } = await readAndCopy(staged, source);
  await writeTables(
    { staged, source, names: seen.names },
    { csv: 'trials.csv', parquet: { name: 'trials.parquet', write: room.writeParquet } },
  );
  const importance = room.curves === undefined ? null : await findImportance(room.curves, study, columns);
  const summary = toStudySummary(study, tally, importance);
  const { parameters } = spec.space;
  for (const { objective, period } of tally.races) await writeObjectiveTable(staged, columns, { objective, period, parameters });
  await writeText(staged, 'summary.json', `${JSON.stringify(summary, null, 2)}\n`);
  await writeText(staged, 'summary.csv', renderSummaryCsv(summary, parameters));
  const curves = await findCurves(room, study, columns);
  const chosen = chooseRows(columns, study);
  await writeText(
    staged,
    'dashboard.html',
    await renderDashboard({ study, spec, summary, tally, columns, curves, chosen, writtenAtMs: room.writtenAtMs }),
  );
  await writeText(staged, 'manifest.json', renderManifest(room, { study, spec, files: staged.list() }));
  await staged.commit();
  return { summary, files: staged.list() };
}

type ManifestRoom = Pick<StudyReportRoom, 'dir' | 'writer' | 'writtenAtMs'>;

/** The folder as it is when a study starts: what it is and who runs it. */
export async function writeRunManifest(room: ManifestRoom, study: Study): Promise<readonly WrittenFile[]> {
  await using staged = await openStagedDirectory(room.dir);
  await writeText(staged, 'manifest.json', renderManifest(room, { study, spec: readStudySpec(study), files: [] }));
  await staged.commit();
  return staged.list();
}

interface Reading {
  readonly tally: TrialTally;
  readonly columns: TrialColumns;
  readonly seen: SeenFigures;
}

/** The first of two readings: copies the records and keeps what tables and charts need. */
async function readAndCopy(staged: StagedDirectory, source: TrialSource): Promise<Reading> {
  const { definition } = source.study;
  const reading = { tally: new TrialTally(definition), columns: new TrialColumns(definition), seen: new SeenFigures() };
  const sink = await staged.openText('trials.jsonl');
  for await (const trial of streamRecorded(source)) {
    reading.tally.add(trial);
    reading.columns.add(trial);
    reading.seen.add(trial);
    await sink.append(toJsonLine(trial));
  }
  await sink.close();
  return reading;
}

/** Of the best trials by the first objective, accepted ones first; equal parameters once. */
async function findCurves({ curves }: StudyReportRoom, study: Study, columns: TrialColumns): Promise<readonly TopCurve[]> {
  if (curves === undefined) return [];
  const complete = columns.listRows().filter((row) => columns.state[row] === 'complete');
  const accepted = complete.filter((row) => columns.accepted[row]);
  const pool = accepted.length > 0 ? accepted : complete;
  const ranked = columns.rank(readStudySpec(study).leading_period, study.definition.objectives[0] ?? '', pool);
  const distinct = new Map<string, number>();
  for (const row of ranked) {
    if (distinct.size === TOP_CURVES) break;
    const key = JSON.stringify(columns.params[row]);
    if (!distinct.has(key)) distinct.set(key, row);
  }
  const top = [...distinct.values()].map((row) => ({ number: columns.number[row] ?? 0, params: columns.params[row] ?? {} }));
  return simulateTop(curves, study, top);
}

function renderManifest(
  room: ManifestRoom,
  { study, spec, files }: { study: Study; spec: StudySpec; files: readonly WrittenFile[] },
): string {
  const manifest = {
    kind: 'study_report',
    schema_version: 1,
    written_at: new Date(room.writtenAtMs).toISOString(),
    writer: room.writer,
    study: {
      id: study.id,
      name: study.name,
      state: study.state,
      reason: study.reason,
      created_at: new Date(study.createdAtMs).toISOString(),
      trials_recorded: study.trialsRecorded,
      seed: study.definition.seed,
      data_hash: spec.slice_id,
    },
    provenance: spec.provenance,
    definition: study.definition,
    files,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** The last stage of V1 baseline: from the finished document to a folder with the HTML report, JSON and CSV. */
import { join, resolve } from 'node:path';
import type { Call } from '@quantbot/core';
import type { V1BaselineOutcome } from '../v1-baseline/outcome.ts';
import { renderCallersCsv, renderGridCsv, renderSkippedCsv, renderTradesCsv } from './csv-files.ts';
import { renderRankingCsv } from './csv.ts';
import { renderReportPage } from './html/report-page.ts';
import { listFiles, toMachine, type RunProvenance } from './provenance.ts';
import { writeStagedDirectory, type StagedFile } from './staged-directory.ts';

export interface WriteV1BaselineReportInput {
  readonly outcome: V1BaselineOutcome;
  /** The calls of the run: they give each trade its instrument and caller. */
  readonly calls: readonly Call[];
  readonly provenance: RunProvenance;
  /** Folder of the run. Made if it is not there; files of an earlier report in it are replaced. */
  readonly dir: string;
}

export interface WrittenReport {
  /** Absolute path of report.html. */
  readonly htmlPath: string;
  /** Absolute paths of all files, report.html first. */
  readonly files: readonly string[];
}

/**
 * Writes report.html, result.json, callers.csv, grid.csv, trades.csv, skipped.csv, with a ranking ranking.csv, and manifest.json: all or none.
 * Only report.html and manifest.json depend on the provenance. Throws AppError DISK_FULL or STORAGE_FAILED.
 */
export async function writeV1BaselineReport({ outcome, calls, provenance, dir }: WriteV1BaselineReportInput): Promise<WrittenReport> {
  const contents: readonly StagedFile[] = [
    { name: 'report.html', content: await renderReportPage({ outcome, calls, provenance }) },
    { name: 'result.json', content: `${JSON.stringify(outcome)}\n` },
    { name: 'callers.csv', content: renderCallersCsv(outcome) },
    { name: 'grid.csv', content: renderGridCsv(outcome) },
    { name: 'trades.csv', content: renderTradesCsv(outcome, calls) },
    { name: 'skipped.csv', content: renderSkippedCsv(outcome, calls) },
    ...(outcome.ranking === null ? [] : [{ name: 'ranking.csv', content: renderRankingCsv(outcome.ranking, outcome.param_grid) }]),
  ];
  const files = [...contents, { name: 'manifest.json', content: renderManifest(outcome, { provenance, files: contents }) }];
  await writeStagedDirectory(dir, files);
  const paths = files.map(({ name }) => join(resolve(dir), name));
  return { htmlPath: join(resolve(dir), 'report.html'), files: paths };
}

function renderManifest(
  outcome: V1BaselineOutcome,
  { provenance, files }: { provenance: RunProvenance; files: readonly StagedFile[] },
): string {
  const manifest = {
    kind: 'v1_baseline_report',
    schema_version: 1,
    created_at: provenance.createdAt,
    command: provenance.command,
    workspace_name: provenance.workspaceName,
    quantbot_version: outcome.quantbot_version,
    engine_source_hash: provenance.engineSourceHash,
    slice_id: outcome.data.slice_id,
    ...toMachine(provenance),
    files: listFiles(files),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

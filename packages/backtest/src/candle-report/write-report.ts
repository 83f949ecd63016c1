/** The last stage of a backtest on candles: from the outcome to a folder with the HTML report, JSON and CSV. */
import { join, resolve } from 'node:path';
import type { CandleBacktestOutcome } from '../candle-backtest/outcome.ts';
import { listFiles, toMachine, type RunProvenance } from '../report/provenance.ts';
import { writeStagedDirectory, type StagedFile } from '../report/staged-directory.ts';
import type { WrittenReport } from '../report/write-report.ts';
import {
  renderCandleTradesCsv,
  renderEquityCsv,
  renderFiguresCsv,
  renderFillsCsv,
  renderMonthlyCsv,
  renderShortfallsCsv,
} from './csv-files.ts';
import { renderCandleReportPage } from './html/report-page.ts';
import { toResultDocument } from './result-document.ts';

/**
 * Writes report.html, result.json, trades.csv, fills.csv, equity.csv, monthly.csv, figures.csv, shortfalls.csv and manifest.json to
 * `dir`: all or none. The folder is made if it is not there; files of an earlier report in it are replaced. Only report.html and
 * manifest.json depend on the provenance. Throws AppError DISK_FULL or STORAGE_FAILED.
 */
export async function writeCandleBacktestReport(
  outcome: CandleBacktestOutcome,
  provenance: RunProvenance,
  dir: string,
): Promise<WrittenReport> {
  const { result } = outcome;
  const contents: readonly StagedFile[] = [
    { name: 'report.html', content: await renderCandleReportPage(outcome, provenance) },
    { name: 'result.json', content: `${JSON.stringify(toResultDocument(outcome))}\n` },
    { name: 'trades.csv', content: renderCandleTradesCsv(result) },
    { name: 'fills.csv', content: renderFillsCsv(result) },
    { name: 'equity.csv', content: renderEquityCsv(result) },
    { name: 'monthly.csv', content: renderMonthlyCsv(result) },
    { name: 'figures.csv', content: renderFiguresCsv(result) },
    { name: 'shortfalls.csv', content: renderShortfallsCsv(result) },
  ];
  const files = [...contents, { name: 'manifest.json', content: renderManifest(outcome, provenance, contents) }];
  await writeStagedDirectory(dir, files);
  const paths = files.map(({ name }) => join(resolve(dir), name));
  return { htmlPath: join(resolve(dir), 'report.html'), files: paths };
}

function renderManifest(outcome: CandleBacktestOutcome, provenance: RunProvenance, files: readonly StagedFile[]): string {
  const manifest = {
    kind: 'candle_backtest_report',
    schema_version: 1,
    created_at: provenance.createdAt,
    command: provenance.command,
    workspace_name: provenance.workspaceName,
    engine_version: outcome.engineVersion,
    engine_source_hash: outcome.engineSourceHash,
    slice_id: outcome.slice.id,
    strategy_source_hash: outcome.request.strategy.sourceHash,
    ...toMachine(provenance),
    files: listFiles(files),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

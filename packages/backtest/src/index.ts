/** The pipeline: ingest → plan → slice → engine → report. */
export { type EngineProgress } from './engine/engine-worker.ts';
export { toErrorAnswer, type OneShotAnswer } from './engine/one-shot.ts';
export * from './engine/python-engine.ts';
export { readYamlFile } from './files/yaml-file.ts';
export { importPath } from './ingest/import-path.ts';
export { parseMapping } from './ingest/mapping.ts';
export { generateMarket, type MarketSummary } from './market-generator/generate-market.ts';
export * from './plan/coverage.ts';
export { renderV1BaselineCsv } from './report/csv.ts';
export { type RunProvenance } from './report/provenance.ts';
export { renderV1BaselineTables } from './report/tables.ts';
export { toTableLines, toTerminalText } from './report/terminal-text.ts';
export { writeV1BaselineReport } from './report/write-report.ts';
export * from './v1-baseline/outcome.ts';
export * from './v1-baseline/run-v1-baseline.ts';
export * from './v1-baseline/v1-baseline-python-service.ts';

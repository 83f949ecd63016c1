/** The pipeline: ingest → plan → slice → engine → report. */
export * from './engine/python-engine.ts';
export { type EngineProgress } from './engine/engine-worker.ts';
export { toErrorAnswer, type OneShotAnswer } from './engine/one-shot.ts';
export { generateMarket, type MarketSummary } from './market-generator/generate-market.ts';
export { importPath, type ImportPathOptions } from './ingest/import-path.ts';
export { parseMapping } from './ingest/mapping.ts';
export * from './plan/coverage.ts';
export * from './v1-baseline/outcome.ts';
export * from './v1-baseline/run-v1-baseline.ts';
export * from './v1-baseline/v1-baseline-python-service.ts';

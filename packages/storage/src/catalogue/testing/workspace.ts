/** For tests: a data folder of their own with real files, and short ways to import into it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  AppError,
  type CandleColumns,
  type CandleImport,
  type ImportOutcome,
  type MarketDataCatalogue,
  type SourceFormat,
} from '@quantbot/core';
import { openSession } from '../../duckdb/session.ts';
import { quoteText } from '../../duckdb/sql-text.ts';
import { openCatalogue } from '../open-catalogue.ts';

const CANDLE_HEADER = 'timestamp,open,high,low,close,volume';

export interface Workspace {
  readonly folder: string;
  readonly dataDir: string;
  readonly catalogue: MarketDataCatalogue;
  write(name: string, content: string | Buffer): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function createWorkspace(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'quantbot-catalogue-'));
  const dataDir = join(folder, 'data');
  const catalogue = await openCatalogue(dataDir);
  return {
    folder,
    dataDir,
    catalogue,
    async write(name, content) {
      const path = join(folder, name);
      await writeFile(path, name.endsWith('.gz') && typeof content === 'string' ? gzipSync(content) : content);
      return path;
    },
    async [Symbol.asyncDispose]() {
      await catalogue.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Candles of one instrument, `PEPE` unless told otherwise. */
export function importCandleFile(
  workspace: Workspace,
  path: string,
  options: Partial<CandleImport> & { format?: SourceFormat } = {},
): Promise<ImportOutcome> {
  const { format = 'csv', ...rest } = options;
  return workspace.catalogue.importCandles({ source: { path, format }, mapping: {}, instrument: 'PEPE', onConflict: 'refuse', ...rest });
}

export function importCallFile(
  workspace: Workspace,
  path: string,
  options: { format?: SourceFormat; onConflict?: 'refuse' | 'replace' } = {},
): Promise<ImportOutcome> {
  return workspace.catalogue.importCalls({
    source: { path, format: options.format ?? 'csv' },
    mapping: {},
    onConflict: options.onConflict ?? 'refuse',
  });
}

export async function readSeries(catalogue: MarketDataCatalogue, instrument: string, intervalS: number): Promise<CandleColumns> {
  for await (const { candles } of catalogue.readCandles([{ instrument, intervalS }])) return candles;
  throw new Error('readCandles yields every series asked for');
}

/** The AppError that the action ends in. */
export async function failureOf(action: Promise<unknown>): Promise<AppError> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AppError) return error;
  throw new Error(`expected an AppError, found ${String(error)}`);
}

/** `[line, reason]` of the problems that an INVALID_MARKET_DATA error lists. */
export function problemsOf(error: AppError): [number, string][] {
  const { problems } = error.details;
  if (!Array.isArray(problems)) throw new Error(`the error lists no problems: ${error.message}`);
  return problems.map((problem: { line: number; reason: string }) => [problem.line, problem.reason]);
}

/** Writes what a SELECT gives into a Parquet file. */
export async function writeParquet(path: string, select: string): Promise<string> {
  const session = await openSession();
  await session.run(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet)`);
  session.close();
  return path;
}

/** Rows of a rising market: `count` candles from `start`, one every `step` seconds. */
export function toCandleLines(count: number, options: { start?: number; step?: number } = {}): string[] {
  const { start = 1_700_000_000, step = 60 } = options;
  return Array.from(
    { length: count },
    (_, row) =>
      `${String(start + row * step)},${String(1 + row)},${String(3 + row)},${String(0.5 + row)},${String(2 + row)},${String(row % 3)}`,
  );
}

export function toCsv(lines: readonly string[], header = CANDLE_HEADER): string {
  return `${[header, ...lines].join('\n')}\n`;
}

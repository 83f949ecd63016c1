/** Brings candles from a source into the catalogue, symbol by symbol. What came in complete pages before a failure is stored. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AppError,
  toIntervalLabel,
  type CandleRequest,
  type CandleSource,
  type ImportOutcome,
  type MarketDataCatalogue,
} from '@quantbot/core';
import { openStagedCandles, type StagedSummary } from './staged-candles.ts';

export interface FetchedSymbol {
  /** As the source calls it. */
  readonly symbol: string;
  /** As the catalogue calls it. */
  readonly instrument: string;
}

export interface FetchCandlesOptions {
  readonly catalogue: Pick<MarketDataCatalogue, 'importAll' | 'listSeries'>;
  readonly source: CandleSource;
  readonly symbols: readonly FetchedSymbol[];
  readonly intervalS: number;
  /** Unix seconds; may be absent together with `update` for what is stored already. */
  readonly fromS?: number;
  readonly toS: number;
  /** Go on after the last stored candle. */
  readonly update: boolean;
  readonly onConflict: 'refuse' | 'replace';
  /** A folder for downloads, on the disk of the catalogue. A subfolder named by the process id is made and removed again. */
  readonly stagingDir: string;
  readonly nowS: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
}

export interface FetchProgress {
  readonly symbol: string;
  readonly candles: number;
  /** Of the range of this symbol, 0 to 1. */
  readonly share: number;
}

export interface FetchOutcome extends FetchedSymbol {
  /** What was asked for, Unix seconds; absent when there was nothing to ask for. */
  readonly range?: { readonly fromS: number; readonly toS: number };
  readonly candlesReceived: number;
  readonly candlesAdded: number;
  readonly candlesReplaced: number;
  readonly candlesUnfinished: number;
  readonly candlesOutside: number;
}

/**
 * Fetching twice adds nothing. Throws what the source throws, and INVALID_MARKET_DATA or CONFLICTING_DATA for rows that the catalogue
 * refuses; symbols that were done before stay done.
 */
export async function fetchCandles(options: FetchCandlesOptions): Promise<readonly FetchOutcome[]> {
  await mkdir(options.stagingDir, { recursive: true });
  const folder = await mkdtemp(join(options.stagingDir, `${String(process.pid)}-`));
  try {
    const outcomes: FetchOutcome[] = [];
    for (const [index, symbol] of options.symbols.entries())
      outcomes.push(await fetchSymbol(options, symbol, join(folder, `${String(index)}.csv`)));
    return outcomes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchSymbol(options: FetchCandlesOptions, symbol: FetchedSymbol, path: string): Promise<FetchOutcome> {
  const request = await toRequest(options, symbol);
  if (request.fromS >= request.toS) return toOutcome(symbol, undefined);
  const { summary, failure } = await download(options, request, path);
  if (failure instanceof AppError && failure.code === 'INVALID_MARKET_DATA') throw failure;
  const imported = await importStaged(options, { symbol, path, summary });
  if (failure === undefined) return toOutcome(symbol, { request, summary, imported });
  throw withRemainder(failure, symbol, summary);
}

async function toRequest(options: FetchCandlesOptions, { symbol, instrument }: FetchedSymbol): Promise<CandleRequest> {
  const [series] = await options.catalogue.listSeries({ instruments: [instrument], intervalS: options.intervalS });
  const nextS = options.update && series !== undefined ? series.lastTimestamp + options.intervalS : undefined;
  const fromS = nextS ?? options.fromS;
  if (fromS === undefined) {
    throw new AppError(
      'USAGE',
      `--from: there are no ${toIntervalLabel(options.intervalS)} candles of ${instrument} to go on from; say where to begin, such as --from 2024-01-01`,
    );
  }
  return {
    symbol,
    intervalS: options.intervalS,
    fromS,
    toS: options.toS,
    ...(series === undefined ? {} : { stored: { firstS: series.firstTimestamp, lastS: series.lastTimestamp } }),
  };
}

interface Download {
  readonly summary: StagedSummary;
  /** What ended it before its end. */
  readonly failure: unknown;
}

async function download(options: FetchCandlesOptions, request: CandleRequest, path: string): Promise<Download> {
  const { symbol, fromS, toS } = request;
  const staged = await openStagedCandles(path, request, options.nowS);
  let failure: unknown;
  let candles = 0;
  try {
    for await (const page of options.source.readPages(request, options.signal)) {
      await staged.append(page);
      candles += page.length;
      const lastS = page.at(-1)?.timestampS ?? fromS;
      options.onProgress?.({ symbol, candles, share: Math.min(1, Math.max(0, (lastS - fromS) / (toS - fromS))) });
    }
  } catch (error) {
    failure = error;
  }
  return { summary: await staged.finish(), failure };
}

interface Staged {
  readonly symbol: FetchedSymbol;
  readonly path: string;
  readonly summary: StagedSummary;
}

async function importStaged(options: FetchCandlesOptions, { symbol, path, summary }: Staged): Promise<ImportOutcome | undefined> {
  let outcome: ImportOutcome | undefined;
  if (summary.rows > 0) {
    const origin = `${symbol.symbol} ${toIntervalLabel(options.intervalS)} from ${options.source.name}`;
    [outcome] = await options.catalogue.importAll([
      {
        kind: 'candles',
        source: { path, origin, format: 'csv' },
        mapping: {},
        instrument: symbol.instrument,
        intervalS: options.intervalS,
        onConflict: options.onConflict,
      },
    ]);
  }
  await options.source.onStored?.();
  return outcome;
}

/** Says what is stored in spite of the failure. A bug stays what it is. */
function withRemainder(failure: unknown, { symbol }: FetchedSymbol, { rows, lastS }: StagedSummary): unknown {
  if (!(failure instanceof AppError) || lastS === undefined) return failure;
  const until = new Date(lastS * 1000).toISOString();
  return new AppError(
    failure.code,
    `${failure.message}\n${rows.toLocaleString('en-GB')} candles of ${symbol} that had come until ${until} are stored; the same command with --update goes on from there`,
    { cause: failure, details: failure.details },
  );
}

interface Fetched {
  readonly request: CandleRequest;
  readonly summary: StagedSummary;
  readonly imported: ImportOutcome | undefined;
}

function toOutcome(symbol: FetchedSymbol, fetched: Fetched | undefined): FetchOutcome {
  if (fetched === undefined)
    return { ...symbol, candlesReceived: 0, candlesAdded: 0, candlesReplaced: 0, candlesUnfinished: 0, candlesOutside: 0 };
  const { request, summary, imported } = fetched;
  return {
    ...symbol,
    range: { fromS: request.fromS, toS: request.toS },
    candlesReceived: summary.rows,
    candlesAdded: imported?.rowsAdded ?? 0,
    candlesReplaced: imported?.rowsReplaced ?? 0,
    candlesUnfinished: summary.unfinished,
    candlesOutside: summary.outside,
  };
}

/** The port through which the pipeline reads and fills the market-data catalogue. Implemented by packages/storage. */
import type { CandleColumns } from './market.ts';
import type { Call } from './engine/v1-baseline.ts';

/** What the catalogue knows of one instrument at one interval. Times are Unix seconds of candle openings. */
export interface CandleSeriesSummary {
  readonly instrument: string;
  readonly intervalS: number;
  readonly rows: number;
  readonly firstTimestamp: number;
  readonly lastTimestamp: number;
  /** Names the content: equal hashes mean equal candles. */
  readonly contentHash: string;
}

/** A hole: the candles between two neighbours that are further apart than the interval. */
export interface CandleGap {
  readonly afterTimestamp: number;
  readonly nextTimestamp: number;
  readonly missingCandles: number;
}

export interface SeriesCoverage extends CandleSeriesSummary {
  /** Steps between neighbouring candles that differ from the interval. */
  readonly gapCount: number;
  /** Candles that the holes leave out. */
  readonly missingCandles: number;
  readonly zeroVolumeRows: number;
  /** The longest gaps, longest first, at most 20. */
  readonly gaps: readonly CandleGap[];
}

export interface SeriesKey {
  readonly instrument: string;
  readonly intervalS: number;
}

/** Half-open range of Unix milliseconds; an absent bound is open. */
export interface CallFilter {
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly callers?: readonly string[];
}

export interface CallRange {
  readonly calls: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly callers: number;
}

export type SourceFormat = 'csv' | 'jsonl' | 'json' | 'parquet' | 'duckdb';

/** What to read: a file, and for a DuckDB file the table or the query in it. */
export interface ImportSource {
  readonly path: string;
  /** What messages and provenance call it when the file is only a stop on the way, such as a download. Default: the path. */
  readonly origin?: string;
  readonly format: SourceFormat;
  readonly table?: string;
  readonly query?: string;
}

/** Field of ours → column of the source. Fields that are not named are found by their usual names. */
export type ColumnMapping = Readonly<Record<string, string>>;

export interface CandleImport {
  readonly source: ImportSource;
  readonly mapping: ColumnMapping;
  /** Instrument of all rows when the source has no instrument column. */
  readonly instrument?: string;
  /** Given, else the most frequent difference between neighbouring timestamps of each instrument. */
  readonly intervalS?: number;
  /** Rows that differ from stored ones: refuse the import (default) or replace what is stored. */
  readonly onConflict: 'refuse' | 'replace';
}

export interface CallImport {
  readonly source: ImportSource;
  readonly mapping: ColumnMapping;
  readonly onConflict: 'refuse' | 'replace';
}

export type TimeUnit = 's' | 'ms' | 'us' | 'datetime';

export interface ImportOutcome {
  readonly kind: 'candles' | 'calls';
  readonly source: string;
  /** How the columns of the source were read: field → column. */
  readonly columns: Readonly<Record<string, string>>;
  readonly ignoredColumns: readonly string[];
  readonly timeUnit: TimeUnit;
  readonly rowsRead: number;
  /** Rows that the catalogue did not have before. */
  readonly rowsAdded: number;
  readonly rowsReplaced: number;
  /** Instruments (candles) or callers (calls) touched. */
  readonly names: readonly string[];
  readonly intervalsS: readonly number[];
  /** What a trader should know of how the file was read, such as a missing volume column. */
  readonly notes: readonly string[];
}

export type ImportRequest = (CandleImport & { readonly kind: 'candles' }) | (CallImport & { readonly kind: 'calls' });

/** One bad row of a source. `line` is the line in a text file (header = 1), else the number of the row or record (first = 1). */
export interface RowProblem {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  readonly instrument?: string;
}

/** The catalogue of a workspace. Safe to use from several processes at once; writers wait for each other. */
export interface MarketDataCatalogue {
  /** Column names of a source, so that the caller can tell candles from calls. */
  readSourceColumns(source: ImportSource): Promise<readonly string[]>;
  /**
   * All requests or none. Bad rows: AppError INVALID_MARKET_DATA, details `{ total, problems: RowProblem[] }` with the first 20.
   * Rows that contradict stored ones: CONFLICTING_DATA. No room: DISK_FULL. After any error the catalogue is as before.
   */
  importAll(requests: readonly ImportRequest[]): Promise<readonly ImportOutcome[]>;
  /** `importAll` of one request. */
  importCandles(request: CandleImport): Promise<ImportOutcome>;
  /** `importAll` of one request. */
  importCalls(request: CallImport): Promise<ImportOutcome>;
  listSeries(filter?: { instruments?: readonly string[]; intervalS?: number }): Promise<readonly CandleSeriesSummary[]>;
  findCoverage(filter?: { instruments?: readonly string[]; intervalS?: number }): Promise<readonly SeriesCoverage[]>;
  /** All candles of the series, in order of time. Yields one series at a time, in the order asked for; a series that is not there has no rows. */
  readCandles(keys: readonly SeriesKey[]): AsyncIterable<{ readonly key: SeriesKey; readonly candles: CandleColumns }>;
  /** In order of (ts_ms, order of import). */
  listCalls(filter?: CallFilter): Promise<readonly Call[]>;
  findCallRange(): Promise<CallRange | undefined>;
  close(): Promise<void>;
}

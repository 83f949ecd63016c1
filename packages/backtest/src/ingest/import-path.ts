/** Imports files and folders: finds out what each file holds, then hands all of them to the catalogue at once. */
import {
  AppError,
  CALL_FIELDS,
  CANDLE_FIELDS,
  matchNames,
  type ColumnMapping,
  type FieldNames,
  type ImportOutcome,
  type ImportRequest,
  type ImportSource,
  type MarketDataCatalogue,
} from '@quantbot/core';
import { readFileName, type FileNameHint } from './file-name.ts';
import { findFiles, type FoundFile } from './find-files.ts';

export interface ImportPathOptions {
  readonly catalogue: Pick<MarketDataCatalogue, 'readSourceColumns' | 'importAll'>;
  /** Files and folders. */
  readonly paths: readonly string[];
  /** Candles or calls; by default the columns of each file tell. */
  readonly kind?: 'candles' | 'calls';
  /** Instrument of files without an instrument column; by default their name tells. */
  readonly instrument?: string;
  /** Interval of all candles; by default the name of a file tells, else its data. */
  readonly intervalS?: number;
  readonly mapping?: ColumnMapping;
  /** Table of a DuckDB file. Not together with `query`. */
  readonly table?: string;
  /** One SELECT on a DuckDB file. */
  readonly query?: string;
  readonly onConflict?: 'refuse' | 'replace';
}

function toSource(file: FoundFile, options: ImportPathOptions): ImportSource {
  return {
    ...file,
    ...(options.table === undefined ? {} : { table: options.table }),
    ...(options.query === undefined ? {} : { query: options.query }),
  };
}

/** A mapping that names a field of the other kind speaks against this kind. */
function fits(fields: FieldNames, columns: readonly string[], mapping: ColumnMapping): boolean {
  try {
    return matchNames(fields, columns, mapping).missing.length === 0;
  } catch (error) {
    if (error instanceof AppError && error.code === 'USAGE') return false;
    throw error;
  }
}

function decideKind(file: FoundFile, columns: readonly string[], mapping: ColumnMapping): 'candles' | 'calls' {
  if (fits(CANDLE_FIELDS, columns, mapping)) return 'candles';
  if (fits(CALL_FIELDS, columns, mapping)) return 'calls';
  const needed = (fields: FieldNames): string =>
    Object.keys(fields.names)
      .filter((field) => !fields.optional.includes(field))
      .join(', ');
  throw new AppError(
    'INVALID_MARKET_DATA',
    `${file.path}: neither candles (${needed(CANDLE_FIELDS)}) nor calls (${needed(CALL_FIELDS)}). The columns are ${columns.join(', ')}; ` +
      'name the right ones by a mapping such as close=last_price, or leave the file out',
  );
}

/** Instrument and interval of a candle file: what the user says, else what its name says. A column of instruments goes before the name. */
function describeSeries(
  file: FoundFile,
  columns: readonly string[],
  options: ImportPathOptions,
): { instrument?: string; intervalS?: number } {
  const hint: Partial<FileNameHint> = file.format === 'duckdb' ? {} : readFileName(file.path);
  const hasInstruments = matchNames(CANDLE_FIELDS, columns, options.mapping ?? {}).columns['instrument'] !== undefined;
  const instrument = options.instrument ?? (hasInstruments ? undefined : hint.instrument);
  const intervalS = options.intervalS ?? hint.intervalS;
  return { ...(instrument === undefined ? {} : { instrument }), ...(intervalS === undefined ? {} : { intervalS }) };
}

async function toRequest(file: FoundFile, options: ImportPathOptions): Promise<ImportRequest> {
  const source = toSource(file, options);
  const { mapping = {}, onConflict = 'refuse' } = options;
  const columns = await options.catalogue.readSourceColumns(source);
  const kind = options.kind ?? decideKind(file, columns, mapping);
  if (kind === 'calls') return { kind, source, mapping, onConflict };
  return { kind, source, mapping, onConflict, ...describeSeries(file, columns, options) };
}

function checkOptions(options: ImportPathOptions): void {
  if (options.paths.length === 0) throw new AppError('USAGE', 'name at least one file or folder to import');
  if (options.table !== undefined && options.query !== undefined) throw new AppError('USAGE', 'name a table or a query, not both');
}

/**
 * All files or none: the first outcome is only returned when every file is imported. FILE_NOT_FOUND, UNREADABLE_FILE,
 * INVALID_MARKET_DATA (details: `{ total, problems }`), CONFLICTING_DATA, DISK_FULL or USAGE leave the catalogue as it was.
 */
export async function importPath(options: ImportPathOptions): Promise<readonly ImportOutcome[]> {
  checkOptions(options);
  const files = await findFiles(options.paths, options.table !== undefined || options.query !== undefined);
  const requests: ImportRequest[] = [];
  for (const file of files) requests.push(await toRequest(file, options));
  return options.catalogue.importAll(requests);
}

/** CSV, plain or gzipped, with a header; commas, semicolons, tabs or bars between the cells. */
import { parse as parseStream } from 'csv-parse';
import { parse as parseText } from 'csv-parse/sync';
import { quotePath, quoteText } from '../../duckdb/sql-text.ts';
import type { RowProblem } from '@quantbot/core';
import type { Picks, Source, SourceContext } from './source.ts';
import { fingerprint, openText, openTextFile, unreadable, type TextFile } from './text-file.ts';
import { loadRows, type NumberedCells } from './exact-rows.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;

interface CsvLayout {
  readonly delimiter: string;
  readonly names: readonly string[];
  /** Lines up to and with the header. */
  readonly headerLines: number;
}

function countOutsideQuotes(line: string, character: string): number {
  return line.replaceAll(/"[^"]*"/g, '').split(character).length - 1;
}

function pickDelimiter(header: string): string {
  const counted = DELIMITERS.map((delimiter) => ({ delimiter, count: countOutsideQuotes(header, delimiter) }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

function parseHeader(file: TextFile, header: string, delimiter: string): string[] {
  try {
    const [names = []]: string[][] = parseText(header, { delimiter, trim: true, bom: true });
    return names;
  } catch (error) {
    throw unreadable(file.path, 'the header line is not CSV', error);
  }
}

/** UNREADABLE_FILE when the first line holds numbers, or no text at all. */
function findCsvLayout(file: TextFile): CsvLayout {
  const lines = file.head.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const index = lines.findIndex((line) => line.trim() !== '');
  const header = lines[index];
  if (header === undefined) throw unreadable(file.path, 'the file holds nothing but blank lines');
  const delimiter = pickDelimiter(header);
  const names = parseHeader(file, header, delimiter);
  if (names.some((name) => name !== '' && Number.isFinite(Number(name)))) {
    throw unreadable(file.path, `expected a header with column names in line ${String(index + 1)}, found values: ${header.slice(0, 80)}`);
  }
  return { delimiter, names, headerLines: index + 1 };
}

function scanCsv(file: TextFile, layout: CsvLayout, picks: Picks): string {
  const columns = layout.names.map((_, index) => `'c${String(index)}': 'VARCHAR'`).join(', ');
  const picked = Object.entries(picks).map(([field, column]) => `c${String(layout.names.indexOf(column.name))} AS ${field}`);
  return `SELECT row_number() OVER () AS n, ${picked.join(', ')} FROM read_csv(${quotePath(file.path)}, auto_detect = false,
    header = false, skip = ${String(layout.headerLines)}, delim = ${quoteText(layout.delimiter)}, quote = '"', escape = '"',
    compression = ${quoteText(file.isGzip ? 'gzip' : 'none')}, columns = {${columns}}, hive_partitioning = false)`;
}

/** Every row with the line it ends on; a row that cannot be split has a problem instead of cells. */
async function* parseExactly(file: TextFile, layout: CsvLayout): AsyncGenerator<NumberedCells> {
  const broken: NumberedCells[] = [];
  let isHeader = true;
  let lastLine = 0;
  const parser = openText(file.path, file.isGzip).pipe(
    parseStream({
      delimiter: layout.delimiter,
      bom: true,
      info: true,
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error) => {
        // A quote that is never closed swallows the rest of the file; it was opened after the last whole row.
        const isOpen = error?.code === 'CSV_QUOTE_NOT_CLOSED';
        broken.push(
          isOpen
            ? { line: lastLine + 1, problem: 'a quote is opened and never closed' }
            : { line: Number(error?.['lines'] ?? 0), problem: 'a quote stands inside a cell' },
        );
      },
    }),
  );
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    yield* broken.splice(0);
    if (!isHeader) {
      const problem =
        record.length === layout.names.length
          ? undefined
          : `expected ${String(layout.names.length)} columns, found ${String(record.length)}`;
      yield problem === undefined ? { line: info.lines, cells: record } : { line: info.lines, problem };
    }
    isHeader = false;
    lastLine = info.lines;
  }
  yield* broken;
}

export async function openCsvSource(context: SourceContext, path: string): Promise<Source> {
  const file = await openTextFile(path);
  const layout = findCsvLayout(file);
  return {
    file: path,
    numbering: 'line',
    columns: layout.names.map((name) => ({ name, sqlType: 'VARCHAR' })),
    fingerprint: () => fingerprint(path, file.isGzip),
    scan: (picks) => scanCsv(file, layout, picks),
    loadExactly(table, picks): Promise<readonly RowProblem[]> {
      const order = Object.entries(picks).map(([field, column]) => ({ field, index: layout.names.indexOf(column.name) }));
      return loadRows(context.session, { file: path, table, order, rows: parseExactly(file, layout) });
    },
  };
}

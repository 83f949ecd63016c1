/** A CSV file with known columns → Parquet, typed. For tables that are too long to be held in memory. */
import { openSession } from '../duckdb/session.ts';
import { quoteName, quotePath, quoteText } from '../duckdb/sql-text.ts';
import { toAppError } from '../failures.ts';

interface ParquetColumn {
  readonly name: string;
  readonly type: 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'VARCHAR';
}

/** Paths are absolute. In the CSV an empty cell is null and every text stands in quotes; the first line names the columns. */
export interface ParquetTable {
  readonly csvPath: string;
  readonly columns: readonly ParquetColumn[];
  readonly parquetPath: string;
}

/** Rows keep their order. DISK_FULL or STORAGE_FAILED; the Parquet file is then not whole and to be removed by the caller. */
export async function writeParquet({ csvPath, columns, parquetPath }: ParquetTable): Promise<void> {
  const session = await openSession();
  const types = columns.map(({ name, type }) => `${quoteText(name)}: ${quoteText(type)}`).join(', ');
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const rules = [
    `columns = {${types}}`,
    'auto_detect = false',
    'header = true',
    "delim = ','",
    `quote = '"'`,
    `escape = '"'`,
    "nullstr = ''",
    'allow_quoted_nulls = false',
    "new_line = '\\n'",
    // Texts may hold line ends, which a parallel reader could take for ends of rows.
    'parallel = false',
    `max_line_size = ${String(MAX_LINE_BYTES)}`,
  ];
  try {
    await session.run(
      `COPY (SELECT ${names} FROM read_csv(${quotePath(csvPath)}, ${rules.join(', ')})) TO ${quoteText(parquetPath)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  } catch (error) {
    throw toAppError(error, 'writing Parquet');
  } finally {
    session.close();
  }
}

const MAX_LINE_BYTES = 16 * 2 ** 20;

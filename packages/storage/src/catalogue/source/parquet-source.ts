/** Parquet, as written by pandas, Polars, DuckDB and others. */
import { quoteName, quotePath } from '../../duckdb/sql-text.ts';
import { messageOf } from '../../failures.ts';
import type { Source, SourceContext } from './source.ts';
import { fingerprint, requireFile, unreadable } from './text-file.ts';

/** `label` is what the user called the file, when `path` is a copy of ours. */
export async function openParquetSource(context: SourceContext, path: string, label = path): Promise<Source> {
  await requireFile(path);
  const file = `read_parquet(${quotePath(path)}, hive_partitioning = false, file_row_number = true)`;
  const described = await context.session.rows(`DESCRIBE SELECT * EXCLUDE (file_row_number) FROM ${file}`).catch((error: unknown) => {
    throw unreadable(label, `not a whole Parquet file (${messageOf(error).split('\n')[0] ?? ''})`, error);
  });
  return {
    file: label,
    numbering: 'row',
    columns: described.map((column) => ({ name: String(column['column_name']), sqlType: String(column['column_type']) })),
    fingerprint: () => fingerprint(path, false),
    scan(picks) {
      const picked = Object.entries(picks).map(([field, column]) => `${quoteName(column.name)} AS ${field}`);
      return `SELECT file_row_number + 1 AS n, ${picked.join(', ')} FROM ${file}`;
    },
  };
}

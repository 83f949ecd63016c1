/** Finds the reader for a source's format. */
import { resolve } from 'node:path';
import type { ImportSource } from '@quantbot/core';
import { openCsvSource } from './csv-source.ts';
import { openDuckDbSource } from './duckdb-source.ts';
import { openJsonSource } from './json-source.ts';
import { openParquetSource } from './parquet-source.ts';
import type { Source, SourceContext } from './source.ts';

/** FILE_NOT_FOUND, UNREADABLE_FILE, or INVALID_REQUEST for a table or query that the file does not allow. */
export function openSource(context: SourceContext, asked: ImportSource): Promise<Source> {
  // Absolute, so that DuckDB never takes a name such as `s3://x` or `~/x` for anything but a file of this machine.
  const source = { ...asked, path: resolve(asked.path) };
  switch (source.format) {
    case 'csv':
      return openCsvSource(context, source.path);
    case 'json':
    case 'jsonl':
      return openJsonSource(context, source.path);
    case 'parquet':
      return openParquetSource(context, source.path);
    case 'duckdb':
      return openDuckDbSource(context, source);
  }
}

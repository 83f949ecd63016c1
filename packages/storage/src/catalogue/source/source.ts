/** A file to import, seen as a table: its columns, and the SQL that reads them with a number for each row. One file per format stands beside this. */
import type { DuckDbSession } from '../../duckdb/session.ts';
import type { RowProblem } from '@quantbot/core';

export interface SourceColumn {
  readonly name: string;
  /** DuckDB's name of the type; `VARCHAR` for all text formats. */
  readonly sqlType: string;
}

/** Our field → column of the source. */
export type Picks = Readonly<Record<string, SourceColumn>>;

export interface Source {
  /** The path as the user named it. */
  readonly file: string;
  /** What the number of a row means to the user. */
  readonly numbering: 'line' | 'row' | 'record';
  readonly columns: readonly SourceColumn[];
  /** SHA-256 of the file's bytes, hexadecimal; UNREADABLE_FILE when a gzip file turns out to be cut off. Asked before the rows are read. */
  fingerprint(): Promise<string>;
  /** SELECT of `n` (number of the row) and the picked columns under the names of our fields. */
  scan(picks: Picks): string;
  /**
   * Text formats only: makes `table` as `scan` would, but slowly, row by row, so that `n` is the true line in the file and rows
   * that cannot be split into columns are reported instead of ending the import.
   */
  loadExactly?(table: string, picks: Picks): Promise<readonly RowProblem[]>;
}

export interface SourceContext {
  readonly session: DuckDbSession;
  /** A folder of this import alone, removed at its end. */
  readonly stagingFolder: string;
  /** Only the columns are wanted; the source need not hold any rows. */
  readonly columnsOnly?: boolean;
}

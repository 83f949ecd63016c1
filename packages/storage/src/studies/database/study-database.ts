/** What the queries of the study store need from a database. SQLite and PostgreSQL differ in what stands here and in nothing else. */
import type { Kysely, RawBuilder, Transaction } from 'kysely';
import type { StudyTables } from './tables.ts';

export type Queries = Kysely<StudyTables>;
export type WriteTransaction = Transaction<StudyTables>;

/** One entry of a `trial_column`: both values null when the figure is undefined; a boolean counts as 0 or 1. */
export interface ColumnEntry {
  readonly study_id: string;
  readonly number: number;
  readonly number_value: number | null;
  readonly text_value: string | null;
}

export interface StudyDatabase {
  /** Single statements; tried again when the connection is lost. */
  read<T>(action: (queries: Queries) => Promise<T>): Promise<T>;
  /** Several statements that all see the same moment. */
  readSnapshot<T>(action: (queries: Queries) => Promise<T>): Promise<T>;
  /**
   * One transaction, rolled back when `action` throws. When the connection is lost it is done again with `again: true`: the first
   * attempt may have been committed all the same.
   */
  write<T>(action: (transaction: WriteTransaction, again: boolean) => Promise<T>): Promise<T>;
  /** The entries of the column blocks in `blocks` (a subquery with `study_id`, `first` and `entries`) as rows of ColumnEntry. */
  explode(blocks: RawBuilder<unknown>): RawBuilder<ColumnEntry>;
  /** Turns a failure of this database into an AppError; `doing` completes the sentence "… failed". */
  toError(error: unknown, doing: string): Error;
  close(): Promise<void>;
}

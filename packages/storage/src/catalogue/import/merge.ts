/** What the merges of candles and of calls share. */
import { AppError } from '@quantbot/core';
import type { DuckDbSession } from '../../duckdb/session.ts';

export interface MergeContext {
  readonly session: DuckDbSession;
  readonly dataDir: string;
  readonly stagingFolder: string;
  readonly importId: number;
  /** Collects what is moved into place, relative to the data folder, so that it can be taken back when the import fails. */
  readonly moved: string[];
  /** Numbers of the sources whose rows may not replace others. */
  readonly refusing: readonly number[];
}

/** What one source brought. */
export interface MergeCount {
  readonly added: number;
  readonly replaced: number;
  readonly names: readonly string[];
  readonly intervalsS: readonly number[];
}

/** `conflicts` are the first of `total`, each a line for the user. */
export function toConflictError(kind: 'candles' | 'calls', total: number, conflicts: readonly string[]): AppError {
  const head = `${String(total)} ${total === 1 ? kind.slice(0, -1) : kind} ${total === 1 ? 'contradicts' : 'contradict'} what is already there; nothing was imported. To take the new values: --on-conflict replace`;
  const more = total > conflicts.length ? [`  … and ${String(total - conflicts.length)} more`] : [];
  return new AppError('CONFLICTING_DATA', [head, ...conflicts.map((conflict) => `  ${conflict}`), ...more].join('\n'), {
    details: { total, conflicts },
  });
}

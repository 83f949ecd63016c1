/** Brings the picked columns of a source into a temporary table, fast; or exactly, when the fast way stumbles or rows turn out bad. */
import type { RowProblem } from '@quantbot/core';
import type { DuckDbSession } from '../../duckdb/session.ts';
import { messageOf, toAppError } from '../../failures.ts';
import type { Picks, Source } from '../source/source.ts';
import { unreadable } from '../source/text-file.ts';
import { LISTED_PROBLEMS, type SourceProblems } from './problems.ts';

/** Checks the rows of `table`; `total` counts the bad ones, `problems` describes the first 20. */
export type RowCheck = (table: string) => Promise<Pick<SourceProblems, 'problems' | 'total'>>;

export const RAW_TABLE = 'raw_row';

async function loadFast(session: DuckDbSession, source: Source, picks: Picks): Promise<boolean> {
  try {
    await session.run(`CREATE OR REPLACE TEMP TABLE ${RAW_TABLE} AS ${source.scan(picks)}`);
    return true;
  } catch (error) {
    const failure = toAppError(error, 'the imported rows');
    if (failure.code !== 'STORAGE_FAILED') throw failure;
    if (source.loadExactly !== undefined) return false;
    throw unreadable(source.file, messageOf(error).split('\n')[0] ?? '', error);
  }
}

async function loadExactly(source: Source, picks: Picks): Promise<readonly RowProblem[]> {
  try {
    return (await source.loadExactly?.(RAW_TABLE, picks)) ?? [];
  } catch (error) {
    const failure = toAppError(error, 'the imported rows');
    throw failure.code === 'STORAGE_FAILED' ? unreadable(source.file, messageOf(error), error) : failure;
  }
}

function inOrder(problems: readonly RowProblem[]): RowProblem[] {
  return [...problems].sort((a, b) => a.line - b.line).slice(0, LISTED_PROBLEMS);
}

/** Leaves the rows in `RAW_TABLE`. Bad rows are returned, not thrown: they are reported together with those of other sources. */
export async function loadChecked(
  session: DuckDbSession,
  source: Source,
  asked: { picks: Picks; check: RowCheck },
): Promise<SourceProblems> {
  const { numbering } = source;
  if (await loadFast(session, source, asked.picks)) {
    const { problems, total } = await asked.check(RAW_TABLE);
    if (total === 0 || source.loadExactly === undefined) return { numbering, problems: inOrder(problems), total };
  }
  const broken = await loadExactly(source, asked.picks);
  const { problems, total } = await asked.check(RAW_TABLE);
  return { numbering, problems: inOrder([...broken, ...problems]), total: total + broken.length };
}

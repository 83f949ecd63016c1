/** Collects the bad rows of all sources of an import into one error. */
import { AppError, type RowProblem } from '@quantbot/core';

const LISTED = 20;

/** How rows are numbered decides how a problem is written: `file:12: …` is a line, `file, row 12: …` a row. */
export interface SourceProblems {
  readonly numbering: 'line' | 'row' | 'record';
  readonly problems: readonly RowProblem[];
  /** All bad rows, of which `problems` may be the first. */
  readonly total: number;
}

function toText(problem: RowProblem, numbering: SourceProblems['numbering']): string {
  const place = numbering === 'line' ? `${problem.file}:${String(problem.line)}` : `${problem.file}, ${numbering} ${String(problem.line)}`;
  const instrument = problem.instrument === undefined ? '' : `${problem.instrument}: `;
  return `${place}: ${instrument}${problem.reason}`;
}

/** INVALID_MARKET_DATA with the first 20 problems in its message and details, and how many there are. */
export function toProblemsError(sources: readonly SourceProblems[]): AppError {
  const total = sources.reduce((sum, source) => sum + source.total, 0);
  const listed = sources.flatMap((source) => source.problems.map((problem) => ({ problem, numbering: source.numbering }))).slice(0, LISTED);
  const files = sources.filter((source) => source.total > 0).length;
  const head = `${String(total)} bad ${total === 1 ? 'row' : 'rows'} in ${files === 1 ? 'the file' : `${String(files)} files`}; nothing was imported`;
  const more = total > listed.length ? [`… and ${String(total - listed.length)} more`] : [];
  const lines = [head, ...listed.map(({ problem, numbering }) => `  ${toText(problem, numbering)}`), ...more];
  return new AppError('INVALID_MARKET_DATA', lines.join('\n'), { details: { total, problems: listed.map(({ problem }) => problem) } });
}

/** One error for all files that cannot be imported: the code of the first, all messages, the details of the bad rows. */
export function joinFaults(faults: readonly AppError[]): AppError {
  const [first] = faults;
  if (first === undefined) throw new Error('there is no fault to report');
  if (faults.length === 1) return first;
  const more = faults.length > LISTED ? [`… and ${String(faults.length - LISTED)} more files`] : [];
  const message = [
    `nothing was imported, because of ${String(faults.length)} faults:`,
    ...faults.slice(0, LISTED).map((fault) => fault.message),
    ...more,
  ].join('\n');
  return new AppError(first.code, message, {
    cause: first,
    details: Object.assign({}, ...faults.map((fault) => fault.details)) as Record<string, unknown>,
  });
}

export const LISTED_PROBLEMS = LISTED;

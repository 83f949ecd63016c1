/** The slow way into DuckDB: rows with their true lines, one by one. Only taken when a file has problems, to say exactly where. */
import type { RowProblem } from '@quantbot/core';
import type { DuckDbSession } from '../../duckdb/session.ts';

export type NumberedCells =
  { readonly line: number; readonly cells: readonly string[] } | { readonly line: number; readonly problem: string };

interface ExactLoad {
  readonly file: string;
  readonly table: string;
  /** Which cell goes into which column of the table. */
  readonly order: readonly { readonly field: string; readonly index: number }[];
  readonly rows: AsyncIterable<NumberedCells>;
}

/** Makes the table and returns the rows that did not go into it. */
export async function loadRows(session: DuckDbSession, load: ExactLoad): Promise<RowProblem[]> {
  const problems: RowProblem[] = [];
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${load.table} (n BIGINT, ${load.order.map(({ field }) => `${field} VARCHAR`).join(', ')})`,
  );
  await session.append(load.table, async (appender) => {
    for await (const row of load.rows) {
      if ('problem' in row) {
        problems.push({ file: load.file, line: row.line, reason: row.problem });
        continue;
      }
      appender.appendBigInt(BigInt(row.line));
      for (const { index } of load.order) appender.appendVarchar(row.cells[index] ?? '');
      appender.endRow();
    }
  });
  return problems;
}

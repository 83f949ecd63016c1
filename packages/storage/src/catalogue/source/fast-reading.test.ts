import { describe, expect, it } from 'vitest';
import { openSession } from '../../duckdb/session.ts';
import { createWorkspace, toCandleLines, toCsv } from '../testing/workspace.ts';
import { openSource } from './open-source.ts';

const CSV = toCsv(toCandleLines(5));
const JSON_ROWS = ['{"timestamp":1,"open":2}', '{"timestamp":2,"open":3}'];

/** A whole file must never need the slow way, row by row; a fault in the fast one would otherwise only show as slowness. */
describe('a file without faults is read the fast way', () => {
  it.each([
    ['a.csv', 'csv', CSV, 5],
    ['a.csv.gz', 'csv', CSV, 5],
    ['a.csv', 'csv', CSV.replaceAll('\n', '\r\n'), 5],
    ['a.csv', 'csv', `\n\n${CSV.replaceAll('\n', '\n\n')}`, 5],
    ['a.csv', 'csv', `\uFEFF${CSV}`, 5],
    ['a.tsv', 'csv', CSV.replaceAll(',', '\t'), 5],
    ['a.jsonl', 'jsonl', JSON_ROWS.join('\n'), 2],
    ['a.jsonl.gz', 'jsonl', JSON_ROWS.join('\n\n'), 2],
    ['a.json', 'json', `[${JSON_ROWS.join(',')}]`, 2],
  ] as const)('%s (%s)', async (...[name, format, content, rows]) => {
    await using workspace = await createWorkspace();
    const session = await openSession();
    const source = await openSource({ session, stagingFolder: workspace.folder }, { path: await workspace.write(name, content), format });
    const picks = Object.fromEntries(
      source.columns.filter((column) => ['timestamp', 'open'].includes(column.name)).map((column) => [column.name, column]),
    );
    const read = await session.rows(source.scan(picks));
    session.close();
    expect(read.map((row) => Number(row['n']))).toEqual(Array.from({ length: rows }, (_, index) => index + 1));
    expect(read.every((row) => Number(row['timestamp']) > 0 && Number(row['open']) > 0)).toBe(true);
  });
});

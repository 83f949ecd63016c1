import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSession } from '../duckdb/session.ts';
import { writeParquet } from './write-parquet.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "quantbot-it's-[a]-test-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const COLUMNS = [
  { name: 'number', type: 'BIGINT' },
  { name: 'a "b", c', type: 'VARCHAR' },
  { name: 'value', type: 'DOUBLE' },
  { name: 'flag', type: 'BOOLEAN' },
] as const;

describe('a CSV made into Parquet', () => {
  it('keeps types, nulls, empty texts, line ends in texts, exact numbers and the order of rows', async () => {
    const csvPath = join(dir, 'in.csv');
    const rows = ['2,"",0.1,true', '1,,,false', '3,"two\nlines, ""quoted""",5e-324,', '0,"NULL",1.7976931348623157e+308,true'];
    await writeFile(csvPath, `"number","a ""b"", c","value","flag"\n${rows.join('\n')}\n`);
    const parquetPath = join(dir, 'out.parquet');
    await writeParquet({ csvPath, columns: COLUMNS, parquetPath });
    const session = await openSession();
    try {
      expect(await session.rows(`SELECT * FROM read_parquet('${parquetPath.replaceAll("'", "''").replaceAll('[', '[[]')}')`)).toEqual([
        { number: 2n, 'a "b", c': '', value: 0.1, flag: true },
        { number: 1n, 'a "b", c': null, value: null, flag: false },
        { number: 3n, 'a "b", c': 'two\nlines, "quoted"', value: 5e-324, flag: null },
        { number: 0n, 'a "b", c': 'NULL', value: 1.7976931348623157e308, flag: true },
      ]);
    } finally {
      session.close();
    }
  });

  it('makes an empty table of a file without rows', async () => {
    const csvPath = join(dir, 'in.csv');
    await writeFile(csvPath, '"number","text"\n');
    const columns = [
      { name: 'number', type: 'BIGINT' },
      { name: 'text', type: 'VARCHAR' },
    ] as const;
    await expect(writeParquet({ csvPath, columns, parquetPath: join(dir, 'out.parquet') })).resolves.toBeUndefined();
  });

  it('refuses a cell that is not of its type', async () => {
    const csvPath = join(dir, 'in.csv');
    await writeFile(csvPath, '"number"\n"x"\n');
    const table = { csvPath, columns: [{ name: 'number', type: 'BIGINT' }] as const, parquetPath: join(dir, 'out.parquet') };
    await expect(writeParquet(table)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });
});

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  createWorkspace,
  failureOf,
  importCallFile,
  importCandleFile,
  problemsOf,
  toCandleLines,
  toCsv,
  writeParquet,
} from './testing/workspace.ts';

const GOOD = '1,2,0.5,1,1';

describe('bad candles', () => {
  it.each([
    ['a NaN price', `60,NaN,2,0.5,1,1`, 'the open is not finite: "NaN"'],
    ['an infinite price', `60,1,inf,0.5,1,1`, 'the high is not finite: "inf"'],
    ['a price of 0', `60,1,2,0,1,1`, 'the low is not positive: "0"'],
    ['a negative price', `60,1,2,0.5,-1,1`, 'the close is not positive: "-1"'],
    ['a price that is no number', `60,1,2,0.5,one,1`, 'the close is not a number: "one"'],
    ['a missing price', `60,1,2,,1,1`, 'the low is missing'],
    ['high below low', `60,1,0.4,0.5,1,1`, 'high 0.4 is below low 0.5'],
    ['an open outside the range', `60,3,2,0.5,1,1`, 'open 3 is outside low 0.5 to high 2'],
    ['a close outside the range', `60,1,2,0.5,0.1,1`, 'close 0.1 is outside low 0.5 to high 2'],
    ['a negative volume', `60,1,2,0.5,1,-1`, 'the volume is negative: "-1"'],
    ['a missing volume', `60,1,2,0.5,1,`, 'the volume is missing'],
    ['a missing time', `,${GOOD}`, 'the time is missing'],
    [
      'a time that is none',
      `noon,${GOOD}`,
      'not a time: "noon" (expected Unix seconds, milliseconds or microseconds, or a date such as 2024-05-01T12:00:00Z)',
    ],
    ['a time before 1970', `-60,${GOOD}`, 'the time -60 is before 1970'],
    ['a time within a second', `60.5,${GOOD}`, 'the timestamp 60.5 is not a whole second'],
    [
      'a time in another unit',
      `1700000000000,${GOOD}`,
      'the time 1700000000000 looks like milliseconds, but most times of the file are seconds',
    ],
    ['a date among numbers', `2024-01-01,${GOOD}`, 'the time 2024-01-01 looks like a date, but most times of the file are seconds'],
    ['a duplicate timestamp', `30,${GOOD}`, 'the timestamp 30 is there twice'],
    ['a timestamp that goes back', `15,${GOOD}`, 'timestamps must increase: 1970-01-01T00:00:15.000Z follows 1970-01-01T00:00:30.000Z'],
    ['too few columns', `60,1,2,0.5,1`, 'expected 6 columns, found 5'],
    ['too many columns', `60,1,2,0.5,1,1,1`, 'expected 6 columns, found 7'],
    ['a stray quote', `60,1,2,0.5,1"x,1`, 'a quote stands inside a cell'],
    ['an open quote', `60,1,2,0.5,"1,1`, 'a quote is opened and never closed'],
  ])('names line and reason of %s', async (_, bad, reason) => {
    await using workspace = await createWorkspace();
    const lines = [`0,${GOOD}`, '', `30,${GOOD}`, bad];
    for (const name of ['bad.csv', 'bad.csv.gz']) {
      const error = await failureOf(importCandleFile(workspace, await workspace.write(name, toCsv(lines))));
      expect(error.code).toBe('INVALID_MARKET_DATA');
      expect(problemsOf(error)).toEqual([[5, reason]]);
      expect(error.message).toContain(`${name}:5: ${reason}`);
    }
    expect(await workspace.catalogue.listSeries()).toEqual([]);
  });

  it('lists the first 20 of all problems in order of lines, whatever their kind', async () => {
    await using workspace = await createWorkspace();
    const lines = toCandleLines(60).map((line, row) =>
      row % 2 === 0 ? line : row % 4 === 1 ? `${line},surplus` : line.replace(/,.*?,/, ',0,'),
    );
    const error = await failureOf(importCandleFile(workspace, await workspace.write('bad.csv', toCsv(lines))));
    expect(error.details['total']).toBe(30);
    expect(problemsOf(error).map(([line]) => line)).toEqual(Array.from({ length: 20 }, (_, row) => 3 + 2 * row));
    expect(error.message).toContain('… and 10 more');
  });

  it('checks each instrument of a file by itself', async () => {
    await using workspace = await createWorkspace();
    const text = toCsv(
      [`60,${GOOD},A`, `60,${GOOD},B`, `120,${GOOD},A`, `60,${GOOD},b`, `60,${GOOD},A`],
      'timestamp,open,high,low,close,volume,symbol',
    );
    const error = await failureOf(importCandleFile(workspace, await workspace.write('bad.csv', text)));
    expect(error.details['problems']).toEqual([
      {
        file: join(workspace.folder, 'bad.csv'),
        line: 6,
        reason: 'timestamps must increase: 1970-01-01T00:01:00.000Z follows 1970-01-01T00:02:00.000Z',
        instrument: 'A',
      },
    ]);
  });

  it('gives the row of a Parquet file', async () => {
    await using workspace = await createWorkspace();
    const path = await writeParquet(
      join(workspace.folder, 'a.parquet'),
      `SELECT range * 60 AS timestamp, 1 AS open, 2 AS high, 1 AS low, CASE WHEN range = 4 THEN 'NaN'::DOUBLE ELSE 1 END AS close, 1 AS volume FROM range(9)`,
    );
    const error = await failureOf(importCandleFile(workspace, path, { format: 'parquet' }));
    expect(problemsOf(error)).toEqual([[5, 'the close is not finite: "nan"']]);
    expect(error.message).toContain('a.parquet, row 5: ');
  });

  it('gives the line of a JSON lines file', async () => {
    await using workspace = await createWorkspace();
    const lines = [
      '{"time":60,"o":1,"h":2,"l":1,"c":1,"v":0}',
      '',
      '{"time":120,"o":1,"h":2,"l":1,"c":1,',
      '{"time":180,"o":NaN,"h":2,"l":1,"c":1,"v":0}',
      '[1]',
      '{"time":240,"o":1,"h":2,"l":1,"v":0}',
    ];
    const error = await failureOf(importCandleFile(workspace, await workspace.write('a.jsonl', lines.join('\n')), { format: 'jsonl' }));
    expect(problemsOf(error)).toEqual([
      [3, 'expected one JSON object in the line'],
      [4, 'the open is not finite: "NaN"'],
      [5, 'expected one JSON object in the line'],
      [6, 'the close is missing'],
    ]);
  });

  it('lists the problems of all files of an import, and keeps the good files out too', async () => {
    await using workspace = await createWorkspace();
    const request = (path: string): Parameters<typeof workspace.catalogue.importAll>[0][number] => ({
      kind: 'candles',
      source: { path, format: 'csv' },
      mapping: {},
      instrument: path,
      onConflict: 'refuse',
    });
    const good = await workspace.write('good.csv', toCsv(toCandleLines(3)));
    const bad = await workspace.write('bad.csv', toCsv([`60,0,1,1,1,1`]));
    const worse = await workspace.write('worse.csv', 'nothing\n1\n');
    const error = await failureOf(workspace.catalogue.importAll([good, worse, bad].map(request)));
    expect(error.message).toMatch(/2 faults[^]*worse.csv: no column[^]*bad.csv:2: the open is not positive/);
    expect(await workspace.catalogue.listSeries()).toEqual([]);
  });
});

describe('damaged files', () => {
  it('a gzip file that is cut off is refused, although its first rows are whole', async () => {
    await using workspace = await createWorkspace();
    const whole = gzipSync(toCsv(toCandleLines(50_000)));
    for (const content of [whole.subarray(0, whole.length - 20), whole.subarray(0, whole.length / 2), whole.subarray(0, 12)]) {
      const error = await failureOf(importCandleFile(workspace, await workspace.write('cut.csv.gz', content)));
      expect(error.code).toBe('UNREADABLE_FILE');
      expect(error.message).toMatch(/damaged or cut off/);
    }
  });

  it('a Parquet file that is cut off is refused', async () => {
    await using workspace = await createWorkspace();
    const path = await writeParquet(join(workspace.folder, 'a.parquet'), 'SELECT range AS timestamp FROM range(9)');
    await writeFile(path, (await readFile(path)).subarray(0, 100));
    expect((await failureOf(importCandleFile(workspace, path, { format: 'parquet' }))).code).toBe('UNREADABLE_FILE');
  });

  it('a file that is not there is named', async () => {
    await using workspace = await createWorkspace();
    expect(await failureOf(importCandleFile(workspace, '/nowhere/a.csv'))).toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringContaining('/nowhere/a.csv') as string,
    });
  });
});

describe('bad calls', () => {
  it.each([
    ['id,mint,caller,ts_ms', '1,A,x,1700000000000', '1,B,y,1700000000000', 'the call id "1" is already in line 2'],
    ['mint,caller,ts_ms', 'A,x,1700000000000', 'A,x,1700000000000', 'the same call (mint, caller and time) is already in line 2'],
    [
      'mint,caller,ts_ms',
      'A,x,1700000000000',
      'B,x,1700000000',
      'the time 1700000000 looks like seconds, but the name of the column ts_ms promises milliseconds; rename the column, then its unit is recognised',
    ],
    [
      'mint,caller,call_ts',
      'A,x,1700000000',
      'B,x,1700000000000',
      'the time 1700000000000 looks like milliseconds, but the name of the column call_ts promises seconds; rename the column, then its unit is recognised',
    ],
    ['mint,caller,time', 'A,x,1700000000', ',x,1700000001', 'the mint is missing'],
    ['mint,caller,time', 'A,x,1700000000', 'B, ,1700000001', 'the caller is missing'],
    ['id,mint,caller,time', '1,A,x,1700000000', ',B,x,1700000001', 'the id is missing'],
    ['mint,caller,time', 'A,x,1700000000', 'B,x,', 'the time is missing'],
  ])('with the columns %s are refused by line and reason', async (...[header, good, bad, reason]) => {
    await using workspace = await createWorkspace();
    const error = await failureOf(importCallFile(workspace, await workspace.write('calls.csv', `${header}\n${good}\n${bad}\n`)));
    expect(error.code).toBe('INVALID_MARKET_DATA');
    expect(problemsOf(error)).toEqual([[3, reason]]);
    expect(await workspace.catalogue.findCallRange()).toBeUndefined();
  });
});

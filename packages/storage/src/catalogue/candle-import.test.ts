import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { createWorkspace, failureOf, importCandleFile, readSeries, toCandleLines, toCsv, writeParquet } from './testing/workspace.ts';

const LINES = toCandleLines(3);
const TIMES = [1_700_000_000n, 1_700_000_060n, 1_700_000_120n];

describe('candles of every format', () => {
  it.each([
    ['csv with commas', 'a.csv', toCsv(LINES)],
    ['csv with semicolons', 'a.csv', toCsv(LINES).replaceAll(',', ';')],
    ['csv with tabs', 'a.tsv', toCsv(LINES).replaceAll(',', '\t')],
    [
      'csv with Windows line ends, quotes and blank lines',
      'a.csv',
      `\r\n${toCsv(LINES)
        .replaceAll('\n', '\r\n\r\n')
        .replaceAll(',', '","')
        .replaceAll(/^(?=.)|(?<=.)(?=\r)/gm, '"')}`,
    ],
    ['csv with a byte-order mark', 'a.csv', `\uFEFF${toCsv(LINES)}`],
    ['gzipped csv', 'a.csv.gz', toCsv(LINES)],
    ['csv without a last line end', 'a.csv', toCsv(LINES).trimEnd()],
    ['a name full of pattern signs', "it's [1]*?.csv", toCsv(LINES)],
  ])('reads %s', async (_, name, text) => {
    await using workspace = await createWorkspace();
    const outcome = await importCandleFile(workspace, await workspace.write(name, text));
    expect(outcome).toMatchObject({
      rowsRead: 3,
      rowsAdded: 3,
      rowsReplaced: 0,
      timeUnit: 's',
      names: ['PEPE'],
      intervalsS: [60],
      notes: [],
    });
    const candles = await readSeries(workspace.catalogue, 'PEPE', 60);
    expect([...candles.timestamp]).toEqual(TIMES);
    expect([...candles.high]).toEqual([3, 4, 5]);
    expect([...candles.volume]).toEqual([0, 1, 2]);
  });

  it.each([
    ['jsonl', 'a.jsonl', LINES.map(toObject).join('\n')],
    ['jsonl', 'a.jsonl.gz', `\n${LINES.map(toObject).join('\n\n')}\n`],
    ['json', 'a.json', `[${LINES.map(toObject).join(',\n')}]`],
  ] as const)('reads %s from %s', async (format, name, text) => {
    await using workspace = await createWorkspace();
    const outcome = await importCandleFile(workspace, await workspace.write(name, text), { format });
    expect(outcome).toMatchObject({ rowsAdded: 3, timeUnit: 's', columns: { timestamp: 'timestamp', open: 'open', volume: 'volume' } });
    expect([...(await readSeries(workspace.catalogue, 'PEPE', 60)).timestamp]).toEqual(TIMES);
  });

  it('reads Parquet with timestamps and several instruments', async () => {
    await using workspace = await createWorkspace();
    const path = await writeParquet(
      join(workspace.folder, 'a.parquet'),
      `SELECT TIMESTAMP '2024-01-01' + INTERVAL (range) HOUR AS "Open Time", ' WIF ' AS symbol, 1.0 AS O, 2.0 AS H, 1.0 AS L, 1.5 AS C, 7 AS V, 'x' AS extra FROM range(4)
       UNION ALL SELECT TIMESTAMP '2024-01-01' + INTERVAL (range) DAY, '0xABCDEF0123456789ABCDEF0123456789ABCDEF01', 1, 2, 1, 1, 7, 'x' FROM range(3)`,
    );
    const { instrument: _instrument, ...request } = {
      instrument: undefined,
      source: { path, format: 'parquet' as const },
      mapping: {},
      onConflict: 'refuse' as const,
    };
    const outcome = await workspace.catalogue.importCandles(request);
    expect(outcome).toMatchObject({
      rowsAdded: 7,
      timeUnit: 'datetime',
      ignoredColumns: ['extra'],
      names: ['0xabcdef0123456789abcdef0123456789abcdef01', 'WIF'],
      intervalsS: [3600, 86_400],
    });
    expect(await workspace.catalogue.listSeries()).toMatchObject([
      {
        instrument: '0xabcdef0123456789abcdef0123456789abcdef01',
        intervalS: 86_400,
        rows: 3,
        firstTimestamp: 1_704_067_200,
        lastTimestamp: 1_704_240_000,
      },
      { instrument: 'WIF', intervalS: 3600, rows: 4, firstTimestamp: 1_704_067_200, lastTimestamp: 1_704_078_000 },
    ]);
  });
});

function toObject(line: string): string {
  const [timestamp, open, high, low, close, volume] = line.split(',').map(Number);
  return JSON.stringify({ timestamp, open, high, low, close, volume });
}

describe('columns and times', () => {
  it.each([
    ['milliseconds', 'ms', LINES.map((line) => line.replace(',', '000,'))],
    ['microseconds', 'us', LINES.map((line) => line.replace(',', '000000,'))],
    ['seconds with a point', 's', LINES.map((line) => line.replace(',', '.0,'))],
    [
      'dates with an offset',
      'datetime',
      ['2023-11-14T23:13:20+01:00,1,2,1,1,1', '2023-11-14T22:14:20Z,1,2,1,1,1', '2023-11-14 22:15:20,1,2,1,1,1'],
    ],
  ])('recognises %s', async (_, timeUnit, lines) => {
    await using workspace = await createWorkspace();
    const outcome = await importCandleFile(workspace, await workspace.write('a.csv', toCsv(lines)));
    expect(outcome.timeUnit).toBe(timeUnit);
    expect([...(await readSeries(workspace.catalogue, 'PEPE', 60)).timestamp]).toEqual(TIMES);
  });

  it('reads days without dashes in a column of dates', async () => {
    await using workspace = await createWorkspace();
    const outcome = await importCandleFile(
      workspace,
      await workspace.write('a.csv', 'Date,Open,High,Low,Close\n20240101,1,2,1,1\n20240102,1,2,1,1\n'),
    );
    expect(outcome).toMatchObject({ timeUnit: 'datetime', intervalsS: [86_400] });
    expect([...(await readSeries(workspace.catalogue, 'PEPE', 86_400)).timestamp]).toEqual([1_704_067_200n, 1_704_153_600n]);
  });

  it('reads columns by a mapping, and says which it left out', async () => {
    await using workspace = await createWorkspace();
    const path = await workspace.write('a.csv', toCsv(['1700000000,1,2,1,1.5,9,0'], 'timestamp,open,high,low,last price,volume,close'));
    const outcome = await importCandleFile(workspace, path, { mapping: { close: 'last price' } });
    expect(outcome).toMatchObject({ columns: { close: 'last price' }, ignoredColumns: ['close'] });
    expect([...(await readSeries(workspace.catalogue, 'PEPE', 60)).close]).toEqual([1.5]);
  });

  it('takes the volume as 0 when there is no such column, and says so', async () => {
    await using workspace = await createWorkspace();
    const outcome = await importCandleFile(workspace, await workspace.write('a.csv', 'time,o,h,l,c\n1700000000,1,2,1,1\n'));
    expect(outcome.notes).toEqual(['there is no volume column: the volume of every candle is 0']);
    expect([...(await readSeries(workspace.catalogue, 'PEPE', 60)).volume]).toEqual([0]);
  });

  it('takes the most frequent step as the interval, the smaller one in a tie, and a given one before both', async () => {
    await using workspace = await createWorkspace();
    const path = await workspace.write('a.csv', toCsv(['0', '300', '600', '4200', '7800'].map((time) => `${time},1,2,1,1,1`)));
    expect((await importCandleFile(workspace, path, { instrument: 'TIE' })).intervalsS).toEqual([300]);
    expect((await importCandleFile(workspace, path, { instrument: 'GIVEN', intervalS: 60 })).intervalsS).toEqual([60]);
  });

  it.each([
    [
      'a missing column',
      'time,open,high,low\n1,1,1,1\n',
      {},
      'INVALID_MARKET_DATA',
      /no column for close.*The columns are time, open, high, low/,
    ],
    ['a mapping to a column that is not there', toCsv(LINES), { mapping: { close: 'last' } }, 'USAGE', /no column "last"/],
    ['a mapping of a field that is not there', toCsv(LINES), { mapping: { price: 'close' } }, 'USAGE', /no field "price"/],
    ['a column that is there twice', 'time,open,high,low,close,close\n1,1,1,1,1,1\n', {}, 'UNREADABLE_FILE', /"close" is there twice/],
    ['no instrument', toCsv(LINES), { instrument: ' ' }, 'INVALID_MARKET_DATA', /no instrument column/],
    ['a header without rows', toCsv([]), {}, 'INVALID_MARKET_DATA', /no rows/],
    ['no header', LINES.join('\n'), {}, 'UNREADABLE_FILE', /expected a header/],
    ['nothing', '', {}, 'UNREADABLE_FILE', /empty/],
    ['blank lines only', '\n\n', {}, 'UNREADABLE_FILE', /blank lines/],
    ['binary data', Buffer.from([7, 0, 200, 1]), {}, 'UNREADABLE_FILE', /binary/],
    ['text that is not UTF-8', Buffer.from([0x74, 0xe9, 0x0a]), {}, 'UNREADABLE_FILE', /UTF-8/],
  ] as const)('refuses %s', async (...[, content, options, code, message]) => {
    await using workspace = await createWorkspace();
    const error = await failureOf(importCandleFile(workspace, await workspace.write('a.csv', content), options));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(await workspace.catalogue.listSeries()).toEqual([]);
  });
});

describe('a DuckDB file', () => {
  async function writeDatabase(folder: string): Promise<string> {
    const path = join(folder, 'old.duckdb');
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run(
      `CREATE TABLE ohlcv_candles AS SELECT 1700000000 + range * 60 AS timestamp, 'So1' AS token, 1.0 AS open, 2.0 AS high, 1.0 AS low, 1.5 AS close, 3.0 AS volume FROM range(5)`,
    );
    await connection.run('CREATE SCHEMA archive; CREATE TABLE archive.more AS FROM ohlcv_candles LIMIT 2');
    connection.closeSync();
    instance.closeSync();
    return path;
  }

  it.each([
    [{ table: 'ohlcv_candles' }, 5],
    [{ table: 'OHLCV_Candles' }, 5],
    [{ table: 'archive.more' }, 2],
    [{ query: "SELECT * FROM ohlcv_candles WHERE token = 'So1' LIMIT 3 -- the first;" }, 3],
    [{ query: 'WITH t AS (FROM ohlcv_candles) SELECT * FROM t;' }, 5],
  ])('is read by %o', async (what, rows) => {
    await using workspace = await createWorkspace();
    const path = await writeDatabase(workspace.folder);
    const outcome = await workspace.catalogue.importCandles({
      source: { path, format: 'duckdb', ...what },
      mapping: {},
      onConflict: 'refuse',
    });
    expect(outcome).toMatchObject({ rowsAdded: rows, names: ['So1'] });
  });

  it.each([
    [{ table: 'candles' }, /no table "candles"; it has archive.more, ohlcv_candles/],
    [{}, /expected the name of a table; it has/],
    [{ query: 'SELECT 1; SELECT 2' }, /found 2 statements/],
    [{ query: 'DROP TABLE ohlcv_candles' }, /expected one SELECT/],
    [{ query: "COPY ohlcv_candles TO '/nowhere/x.csv'" }, /disabled by configuration/],
    [{ query: 'SELEC 1' }, /syntax error/],
    [{ query: "SELECT * FROM read_text('/etc/hostname')" }, /disabled by configuration/],
    [{ query: 'PRAGMA version' }, /expected one SELECT/],
  ])('refuses %o', async (what, message) => {
    await using workspace = await createWorkspace();
    const path = await writeDatabase(workspace.folder);
    const error = await failureOf(
      workspace.catalogue.importCandles({ source: { path, format: 'duckdb', ...what }, mapping: {}, onConflict: 'refuse' }),
    );
    expect(error.code).toBe('INVALID_REQUEST');
    expect(error.message).toMatch(message);
  });

  it('that is none is refused', async () => {
    await using workspace = await createWorkspace();
    const path = join(workspace.folder, 'x.duckdb');
    await writeFile(path, 'not a database');
    const error = await failureOf(
      workspace.catalogue.importCandles({ source: { path, format: 'duckdb', table: 't' }, mapping: {}, onConflict: 'refuse' }),
    );
    expect(error.code).toBe('UNREADABLE_FILE');
  });
});

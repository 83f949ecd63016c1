import type { CandleRequest, SourceCandle } from '@quantbot/core';
import pg from 'pg';
import { expect, it } from 'vitest';
import { describePostgres } from '../studies/testing/databases.ts';
import { failureOf } from '../studies/testing/fixture.ts';
import { createPostgresCandleSource, type PostgresCandleOptions } from './postgres-candle-source.ts';

const START_S = Date.UTC(2024, 0, 1) / 1000;
const ASKED: CandleRequest = { symbol: 'BTC', intervalS: 3600, fromS: START_S + 3600, toS: START_S + 10 * 3600 };
const NEVER = new AbortController().signal;

async function collect(options: PostgresCandleOptions, request = ASKED, signal = NEVER): Promise<(readonly SourceCandle[])[]> {
  const pages: (readonly SourceCandle[])[] = [];
  for await (const page of createPostgresCandleSource(options).readPages(request, signal)) pages.push(page);
  return pages;
}

const HOURS = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((hour) => START_S + hour * 3600);

describePostgres('candles in a table of PostgreSQL', (server) => {
  async function createTable(...statements: readonly string[]): Promise<string> {
    const url = await server().createSchema();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
    return url;
  }

  const fill = (time: string, table = 'candles'): string =>
    `INSERT INTO ${table} SELECT ${time}, 10 + h, 12.5 + h, 9 + h, 11 + h, h FROM generate_series(0, 20) AS h`;
  const AT_HOUR = `to_timestamp(${String(START_S)} + h * 3600)`;

  it.each([
    ['timestamptz', AT_HOUR],
    ['timestamp', `${AT_HOUR} AT TIME ZONE 'UTC'`],
    ['bigint', `${String(START_S)} + h * 3600`],
    ['bigint', `(${String(START_S)} + h * 3600)::bigint * 1000`],
    ['double precision', `${String(START_S)} + h * 3600`],
  ])('with times as %s (%s) are read within the range, first included, end not', async (type, time) => {
    const url = await createTable(
      `SET TIME ZONE 'Asia/Tokyo'`,
      `CREATE TABLE candles (time ${type}, open float8, high numeric, low real, close float8, volume bigint)`,
      fill(time),
    );
    const candles = (await collect({ url, table: 'candles' })).flat();
    expect(candles.map(({ timestampS }) => timestampS)).toEqual(HOURS);
    expect(candles[0]).toEqual({ timestampS: START_S + 3600, open: '11', high: '13.5', low: '10', close: '12', volume: '1' });
  });

  it('come a page at a time, ordered, from a cursor', async () => {
    const url = await createTable(
      'CREATE TABLE candles (time timestamptz, open float8, high float8, low float8, close float8, volume float8)',
      `${fill(AT_HOUR)} ORDER BY random()`,
    );
    const pages = await collect({ url, table: 'candles', pageRows: 4 });
    expect(pages.map((page) => page.length)).toEqual([4, 4, 1]);
    expect(pages.flat().map(({ timestampS }) => timestampS)).toEqual(HOURS);
  });

  it('of several symbols and timeframes in one table are told apart', async () => {
    const url = await createTable(
      'CREATE TABLE candles (ts timestamptz, symbol text, timeframe text, open float8, high float8, low float8, close float8)',
      `INSERT INTO candles SELECT ${AT_HOUR}, s, t, 1, 2, 1, 2 FROM generate_series(0, 20) AS h, unnest(ARRAY['BTC', 'ETH']) AS s, unnest(ARRAY['1h', '1d']) AS t`,
    );
    expect((await collect({ url, table: 'candles' })).flat()).toHaveLength(9);
    expect(await collect({ url, table: 'candles' }, { ...ASKED, symbol: "B'; DROP TABLE candles; --" })).toEqual([]);
    expect((await collect({ url, table: 'candles' })).flat()).toHaveLength(9);
  });

  it('may lie in a schema of their own, in columns with any name', async () => {
    const url = await createTable(
      'CREATE TABLE "the ""odd"" one" ("when; --" timestamptz, o float8, h float8, l float8, "Last" float8, size float8)',
      fill(AT_HOUR, '"the ""odd"" one"'),
    );
    const schema = /quantbot_test_\w+/.exec(url)?.[0] ?? '';
    const mapping = { time: 'when; --', close: 'last', volume: 'size' };
    expect((await collect({ url, table: `${schema}.the "odd" one`, mapping })).flat()).toHaveLength(9);
  });

  it('are left as they are: the transaction can only read', async () => {
    const url = await createTable(
      'CREATE TABLE log (at timestamptz)',
      'CREATE FUNCTION spy() RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (now()); RETURN 1; END $$',
      `CREATE VIEW candles AS SELECT ${AT_HOUR} AS time, spy() AS open, 2 AS high, 1 AS low, 1 AS close FROM generate_series(0, 20) AS h`,
    );
    const failure = await failureOf(collect({ url, table: 'candles' }));
    expect(failure).toMatchObject({ code: 'SOURCE_UNREACHABLE', message: expect.stringContaining('read-only transaction') as string });
  });

  it('that are not there, or not as expected, are told by name', async () => {
    const url = await createTable(
      'CREATE TABLE candles (time text, price float8)',
      'CREATE TABLE texts (time text, open text, high text, low text, close text)',
    );
    expect(await failureOf(collect({ url, table: 'nowhere' }))).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('"nowhere" does not exist') as string,
    });
    const missing = await failureOf(collect({ url, table: 'candles' }));
    expect(missing).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('no column for open, high, low, close; its columns are time, price') as string,
    });
    expect((await failureOf(collect({ url, table: 'texts' }))).message).toContain('"time" holds no times');
  });

  it('are not read any further after Ctrl-C', async () => {
    const url = await createTable(
      'CREATE TABLE candles (time timestamptz, open float8, high float8, low float8, close float8, volume float8)',
      fill(AT_HOUR),
    );
    const controller = new AbortController();
    const pages = createPostgresCandleSource({ url, table: 'candles', pageRows: 4 })
      .readPages(ASKED, controller.signal)
      [Symbol.asyncIterator]();
    await pages.next();
    controller.abort();
    expect((await failureOf(pages.next())).code).toBe('CANCELLED');
  });

  it('are asked for without the password ever being said', async () => {
    const failures = await Promise.all(
      ['postgres://ann:s3cret@localhost/prices?host=%2Fnowhere', 'postgres://ann:s3cret@127.0.0.1:1/prices'].map((url) =>
        failureOf(collect({ url, table: 'candles' })),
      ),
    );
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'SOURCE_UNREACHABLE', exitCode: 75 });
      expect(failure.message).toContain('the PostgreSQL database prices at');
      expect(`${failure.message}${JSON.stringify(failure.details)}`).not.toContain('s3cret');
    }
  });
});

it.each(['mysql://ann:s3cret@localhost/x', 'ann:s3cret@localhost', 's3cret'])(
  'the database address %s is refused without being repeated',
  async (url) => {
    const failure = await failureOf(Promise.resolve().then(() => createPostgresCandleSource({ url, table: 'candles' })));
    expect(failure.code).toBe('USAGE');
    expect(failure.message).not.toContain('s3cret');
  },
);

it('a password that is not written as an address wants it is refused without being repeated', async () => {
  const failure = await failureOf(collect({ url: 'postgres://ann:s3cret%ff@localhost/x', table: 'candles' }));
  expect(failure.code).toBe('USAGE');
  expect(failure.message).not.toContain('s3cret');
});

it.each(['', 'a.b.c', '.candles', 'a\0b', 'x'.repeat(64)])('the table name "%s" is refused', async (table) => {
  const failure = await failureOf(Promise.resolve().then(() => createPostgresCandleSource({ url: 'postgres://localhost/x', table })));
  expect(failure).toMatchObject({ code: 'USAGE', message: expect.stringContaining('--table') as string });
});

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AppError, type ImportOutcome, type ImportRequest } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { importPath, type ImportPathOptions } from './import-path.ts';
import { parseMapping } from './mapping.ts';
import { readFileName } from './file-name.ts';

const CANDLES = 'timestamp,open,high,low,close,volume\n60,1,2,1,1,1\n';
const CALLS = 'token,caller,ts_ms\nWIF,ansem,1700000000000\n';

interface Folder {
  readonly path: string;
  write(name: string, content: string): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function createFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'quantbot-ingest-'));
  return {
    path,
    async write(name, content) {
      const file = join(path, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, name.endsWith('.gz') ? gzipSync(content) : content);
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Stands in for the catalogue, which this package may not import: it reads headers of plain CSV and keeps what it is asked to import. */
async function plan(options: Omit<ImportPathOptions, 'catalogue'>): Promise<ImportRequest[]> {
  const asked: ImportRequest[] = [];
  await importPath({
    ...options,
    catalogue: {
      readSourceColumns: async ({ path }) =>
        (path.endsWith('.csv') ? ((await readFile(path, 'utf8')).split('\n')[0] ?? '') : 'timestamp,open,high,low,close').split(','),
      importAll(requests) {
        asked.push(...requests);
        return Promise.resolve<ImportOutcome[]>([]);
      },
    },
  });
  return asked;
}

async function failureOf(action: Promise<unknown>): Promise<unknown> {
  return action.then(
    () => undefined,
    (error: unknown) => (error instanceof AppError ? { code: error.code, message: error.message } : error),
  );
}

describe('what a file name says', () => {
  it.each([
    ['x/ETHFI-USDT_5m.csv.gz', { instrument: 'ETHFI-USDT', intervalS: 300 }],
    ['0xabc_1h.csv', { instrument: '0xabc', intervalS: 3600 }],
    ['BTC_USDT-1d.parquet', { instrument: 'BTC_USDT', intervalS: 86_400 }],
    ['WIF.jsonl.gz', { instrument: 'WIF' }],
    ['a.b_c.csv', { instrument: 'a.b_c' }],
    ['notes_5M.csv', { instrument: 'notes_5M' }],
    ['_5m.csv', { instrument: '_5m' }],
    ['prices.txt', { instrument: 'prices' }],
  ])('%s', (name, hint) => {
    expect(readFileName(name)).toEqual(hint);
  });
});

describe('importing paths', () => {
  it('hands all files of a folder over at once, in order, each as what its columns say', async () => {
    await using folder = await createFolder();
    for (const name of ['b_5m.csv', 'a/a_1h.csv', 'z.jsonl', 'c_1m.csv.gz']) await folder.write(name, CANDLES);
    await folder.write('calls.csv', CALLS);
    await folder.write('a/deep/too_5m.csv', CANDLES);
    await folder.write('README.md', 'no data');
    const asked = await plan({ paths: [folder.path] });
    expect(asked.map((request) => [request.kind, request.source.path.slice(folder.path.length + 1), request.source.format])).toEqual([
      ['candles', 'a/a_1h.csv', 'csv'],
      ['candles', 'b_5m.csv', 'csv'],
      ['candles', 'c_1m.csv.gz', 'csv'],
      ['calls', 'calls.csv', 'csv'],
      ['candles', 'z.jsonl', 'jsonl'],
    ]);
    expect(asked[0]).toMatchObject({ instrument: 'a', intervalS: 3600, onConflict: 'refuse' });
    expect(asked[4]).not.toHaveProperty('intervalS');
  });

  it('prefers what the user says to the name, and a column of instruments to the name', async () => {
    await using folder = await createFolder();
    const plain = await folder.write('x_5m.csv', CANDLES);
    expect(await plan({ paths: [plain], instrument: 'WIF', intervalS: 60, onConflict: 'replace' })).toMatchObject([
      { instrument: 'WIF', intervalS: 60, onConflict: 'replace' },
    ]);
    const many = await folder.write('all_5m.csv', CANDLES.replace('timestamp', 'symbol,timestamp'));
    const [request] = await plan({ paths: [many] });
    expect(request).toMatchObject({ intervalS: 300 });
    expect(request).not.toHaveProperty('instrument');
  });

  it('tells candles from calls by mapped columns too', async () => {
    await using folder = await createFolder();
    const candles = await folder.write('a.csv', CANDLES.replace('close', 'last'));
    expect(await plan({ paths: [candles], mapping: parseMapping(['close=last']) })).toMatchObject([
      { kind: 'candles', mapping: { close: 'last' } },
    ]);
    const calls = await folder.write('b.csv', CALLS.replace('caller', 'who'));
    expect(await plan({ paths: [calls], mapping: { caller: 'who' } })).toMatchObject([{ kind: 'calls' }]);
  });

  it('reads a DuckDB file by table or query, also in a folder', async () => {
    await using folder = await createFolder();
    await folder.write('old.duckdb', '');
    await folder.write('a.csv', CANDLES);
    expect(await plan({ paths: [join(folder.path, 'old.duckdb')], table: 't' })).toMatchObject([
      { source: { format: 'duckdb', table: 't' } },
    ]);
    expect((await plan({ paths: [folder.path] })).map((request) => request.source.format)).toEqual(['csv']);
  });

  it.each([
    [{ paths: [] }, 'USAGE', /at least one/],
    [{ paths: ['x'], table: 't', query: 'q' }, 'USAGE', /not both/],
    [{ paths: ['/nowhere/x.csv'] }, 'FILE_NOT_FOUND', /\/nowhere\/x\.csv/],
  ])('refuses %o', async (options, code, message) => {
    expect(await failureOf(plan(options))).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it('says which extensions it knows when a folder has none of them', async () => {
    await using folder = await createFolder();
    await folder.write('a.txt', CANDLES);
    expect(await failureOf(plan({ paths: [folder.path] }))).toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringMatching(/\.csv, \.csv\.gz.*\.parquet/) as string,
    });
  });

  it('names the columns of a file that is neither candles nor calls', async () => {
    await using folder = await createFolder();
    const path = await folder.write('a.csv', 'name,age\nx,1\n');
    expect(await failureOf(plan({ paths: [path] }))).toMatchObject({
      code: 'INVALID_MARKET_DATA',
      message: expect.stringMatching(/a\.csv: neither candles.*The columns are name, age/) as string,
    });
  });
});

describe('mappings', () => {
  it('are read from flags', () => {
    expect(parseMapping(['close=last price', ' open = o=1'])).toEqual({ close: 'last price', open: 'o=1' });
  });

  it.each([['close'], ['=x'], ['close='], ['a=1', 'a=2']])('such as %s are refused', (...flags) => {
    expect(() => parseMapping(flags)).toThrow(AppError);
  });
});

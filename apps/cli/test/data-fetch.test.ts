import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toIntervalLabel } from '@quantbot/core';
import { openCatalogue } from '@quantbot/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli, startCli, type CliRun } from './run-cli.ts';

const START_S = Date.UTC(2024, 0, 1) / 1000;
const HOUR_S = 3600;
const PAGE = 100;

/** Candles of every symbol, one an hour, from 2024 on; a page has at most 100. */
let candles: number;
let listener: Server;
let url: string;
let requests: URLSearchParams[];
/** Answers instead, when it returns true. */
let spoil: (number: number, response: ServerResponse) => boolean;

let dir: string;
const RANGE = ['--timeframe', '1h', '--from', '2024-01-01', '--to', '2024-01-31'];
const fetchCandles = (...args: string[]): Promise<CliRun> => runCli(['data', 'fetch', ...args], { cwd: dir });
const fromServer = (...args: string[]): Promise<CliRun> => fetchCandles('--source', 'http', '--url', url, ...args);

/** What is in the catalogue, as "EURUSD 1h 720 2024-01-01T00:00", a line for each series. */
async function list(): Promise<string> {
  const catalogue = await openCatalogue(join(dir, 'data'));
  try {
    const series = await catalogue.listSeries();
    return series
      .map(({ instrument, intervalS, rows, firstTimestamp: fromS }) =>
        [instrument, toIntervalLabel(intervalS), rows, new Date(fromS * 1000).toISOString().slice(0, 16)].join(' '),
      )
      .join('\n');
  } finally {
    await catalogue.close();
  }
}

function toRow(hour: number): readonly number[] {
  return [(START_S + hour * HOUR_S) * 1000, 10, 12, 9, 11, hour % 3];
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quantbot-fetch-test-'));
  await writeFile(join(dir, 'quantbot.yaml'), 'version: 1\n');
  candles = 720;
  requests = [];
  spoil = () => false;
  listener = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    requests.push(query);
    if (spoil(requests.length, response)) return;
    const [fromS, toS] = [Number(query.get('from')), Number(query.get('to'))];
    const hours = Array.from({ length: candles }, (_, hour) => hour).filter(
      (hour) => START_S + hour * HOUR_S >= fromS && START_S + hour * HOUR_S < toS,
    );
    const body = JSON.stringify(hours.slice(0, PAGE).map(toRow));
    const etag = `"${String(body.length)}-${String(hours[0])}"`;
    response.setHeader('etag', etag);
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.end(body);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  url = `http://127.0.0.1:${String((listener.address() as AddressInfo).port)}`;
});
afterEach(async () => {
  listener.closeAllConnections();
  listener.close();
  await rm(dir, { recursive: true, force: true });
});

/** Everything that a fetch may have left in the workspace, as one text. */
async function readWorkspace(): Promise<string> {
  const files = await readdir(dir, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
  );
  return texts.join('\n');
}

describe('quantbot data fetch --source http', () => {
  it('brings candles of several symbols into the catalogue; the second time nothing is new and nothing is sent', async () => {
    const first = await fromServer('--symbol', 'EURUSD', 'BTC/USDT=BTC-USDT', ...RANGE);
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.stdout).toContain('EURUSD: 720 candles received, 720 new (2024-01-01 00:00 to 2024-02-01 00:00)');
    expect(await list()).toContain('BTC-USDT 1h 720 2024-01-01T00:00');
    expect(requests.filter((query) => query.get('symbol') === 'BTC/USDT')).toHaveLength(9);
    const again = await fromServer('--symbol', 'EURUSD', 'BTC/USDT=BTC-USDT', ...RANGE);
    expect(again.stdout).toContain('EURUSD: 0 candles received, 0 new');
    expect(await list()).toContain('EURUSD 1h 720 ');
    expect(await readdir(join(dir, 'data', 'staging'))).toEqual([]);
  });

  it('goes on from the last stored candle with --update, and takes the address from WS_MARKET_DATA_URL', async () => {
    candles = 50;
    await fromServer('--symbol', 'EURUSD', ...RANGE);
    candles = 60;
    const run = await runCli(['data', 'fetch', '--source', 'http', '--symbol', 'EURUSD', '--timeframe', '1h', '--update', '--json'], {
      cwd: dir,
      env: { WS_MARKET_DATA_URL: url },
    });
    expect(JSON.parse(run.stdout)).toMatchObject([
      { instrument: 'EURUSD', candlesReceived: 10, candlesAdded: 10, range: { fromS: START_S + 50 * HOUR_S } },
    ]);
    expect(await list()).toContain('EURUSD 1h 60 ');
  });

  it('says where to begin when there is nothing to go on from', async () => {
    const run = await fromServer('--symbol', 'EURUSD', '--timeframe', '1h', '--update');
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain('--from: there are no 1h candles of EURUSD to go on from');
  });

  it('keeps complete pages when the server fails in the middle, and goes on from them', async () => {
    spoil = (number, response) => {
      if (number < 4) return false;
      response.writeHead(400).end('{"error":"no more today"}');
      return true;
    };
    const run = await fromServer('--symbol', 'EURUSD', ...RANGE);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('answered 400, "no more today"');
    expect(run.stderr).toContain('300 candles of EURUSD that had come until 2024-01-13T11:00:00.000Z are stored');
    expect(await list()).toContain('EURUSD 1h 300 ');
    spoil = () => false;
    expect((await fromServer('--symbol', 'EURUSD', ...RANGE, '--update')).stdout).toContain('420 new');
    expect(await list()).toContain('EURUSD 1h 720 ');
  });

  it.each([
    ['Ctrl-C', 'SIGINT', 130],
    ['SIGTERM', 'SIGTERM', 143],
  ] as const)('keeps complete pages on %s', async (_what, signal, exitCode) => {
    spoil = (number) => {
      if (number === 3) running.kill(signal);
      return number >= 3;
    };
    const running = startCli(['data', 'fetch', '--source', 'http', '--url', url, '--symbol', 'EURUSD', ...RANGE], { cwd: dir });
    const run = await running.ended;
    expect(run.exitCode).toBe(exitCode);
    expect(await list()).toContain('EURUSD 1h 200 ');
    expect(await readdir(join(dir, 'data', 'staging'))).toEqual([]);
  });

  it('trusts no server: bad rows are refused by the catalogue, with where they came from, and nothing of them is stored', async () => {
    spoil = (number, response) => {
      if (number === 1)
        response.end(
          JSON.stringify([toRow(0), [(START_S + HOUR_S) * 1000, 10, 9, 12, 11, 0], ['2024-01-01T02:00:00Z', 'NaN', 12, 9, 11, 0]]),
        );
      return number === 1;
    };
    const run = await fromServer('--symbol', 'EURUSD', ...RANGE);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('2 bad rows');
    expect(run.stderr).toContain(`EURUSD 1h from ${url}/api/candles:3`);
    expect(await list()).not.toContain('EURUSD');
  });

  it('refuses candles of a finer timeframe than was asked for', async () => {
    const run = await fromServer('--symbol', 'EURUSD', '--timeframe', '4h', '--from', '2024-01-01', '--to', '2024-01-31');
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('expected candles of EURUSD every 4h, found one 3600 s after another');
    expect(await list()).not.toContain('EURUSD');
  });

  it('refuses candles that contradict stored ones, unless they are to replace them', async () => {
    const other = join(dir, 'EURUSD_1h.csv');
    await writeFile(other, `timestamp,open,high,low,close,volume\n${String(START_S)},1,2,1,2,5\n`);
    await runCli(['data', 'import', other], { cwd: dir });
    const refused = await fromServer('--symbol', 'EURUSD', ...RANGE);
    expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('CONFLICTING_DATA') as string });
    const replaced = await fromServer('--symbol', 'EURUSD', ...RANGE, '--on-conflict', 'replace');
    expect(replaced.stdout).toContain('720 candles received, 719 new, 1 replaced');
  });

  it('leaves out the candle that has not ended', async () => {
    candles = Math.floor((Date.now() / 1000 - START_S) / HOUR_S) + 1;
    const from = new Date(Date.now() - 5 * HOUR_S * 1000).toISOString().slice(0, 16);
    const run = await fromServer('--symbol', 'EURUSD', '--timeframe', '1h', '--from', from);
    expect(run.stdout).toContain('1 left out because not ended');
    expect(run.stdout).toMatch(/4 candles received, 4 new|5 candles received, 5 new/);
  });

  it('tells no password of the server, neither on the screen nor in the workspace', async () => {
    const secret = `${url.replace('http://', 'http://ann:s3cret@')}/api/candles?key=k3y`;
    const good = await fetchCandles('--source', 'http', '--url', secret, '--symbol', 'EURUSD', ...RANGE);
    spoil = (_number, response) => {
      response.writeHead(403).end();
      return true;
    };
    const bad = await fetchCandles('--source', 'http', '--url', secret, '--symbol', 'GBPUSD', ...RANGE, '--verbose');
    expect([good.exitCode, bad.exitCode]).toEqual([0, 7]);
    const said = [good, bad].map(({ stdout, stderr }) => stdout + stderr).join('\n') + (await readWorkspace());
    expect(said).not.toMatch(/s3cret|k3y/);
  });
});

describe('quantbot data fetch from elsewhere', () => {
  it('never tells the password of a database that does not answer', async () => {
    const run = await runCli(['data', 'fetch', '--source', 'postgres', '--symbol', 'BTC', ...RANGE, '--verbose'], {
      cwd: dir,
      env: { DATABASE_URL: 'postgres://ann:s3cret@127.0.0.1:1/prices' },
    });
    expect(run.exitCode).toBe(75);
    expect(run.stderr).toContain('no candles from the PostgreSQL database prices at 127.0.0.1');
    expect(run.stdout + run.stderr + (await readWorkspace())).not.toContain('s3cret');
  });

  it('takes candles of an exchange through the ccxt that is installed in the workspace', async () => {
    // Not ours: stands for the real package, which is not installed here, with the part of its interface that is used.
    const folder = join(dir, 'node_modules', 'ccxt');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"name":"ccxt","main":"index.cjs"}');
    await writeFile(
      join(folder, 'index.cjs'),
      `class shop {
        async loadMarkets() { this.markets = { 'BTC/USDT': {} }; }
        async fetchOHLCV(symbol, timeframe, since, limit) {
          const first = Math.max(0, (since - ${String(START_S)}000) / 3600e3);
          return Array.from({ length: Math.max(0, Math.min(limit, 30 - first)) }, (_, row) => [since + row * 3600e3, 10, 12, 9, 11, 1]);
        }
      }
      module.exports = { exchanges: ['shop'], shop };`,
    );
    const run = await fetchCandles(
      '--source',
      'exchange',
      '--exchange',
      'shop',
      '--symbol',
      'BTC/USDT=BTC-USDT',
      ...RANGE,
      '--page-limit',
      '8',
    );
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('From shop (ccxt): 30 new candles') as string });
    expect(await list()).toContain('BTC-USDT 1h 30 ');
  });

  it.each([
    [['--source', 'exchange', '--exchange', 'binance', '--symbol', 'BTC/USDT', ...RANGE], 75, 'npm install ccxt'],
    [['--source', 'http', '--symbol', 'BTC', '--timeframe', '1h'], 2, '--from: say where to begin'],
  ])('says what is missing: %j', async (args, exitCode, message) => {
    const run = await fetchCandles(...args);
    expect(run).toMatchObject({ exitCode, stderr: expect.stringContaining(message) as string });
  });
});

/**
 * ccxt is not among our packages and exchanges are out of reach of tests. What is installed here for a moment is a small package with
 * ccxt's public interface: it stands for another's code, not for ours.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CandleRequest } from '@quantbot/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectPages, failureOf } from '../testing/fetch-failure.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { openExchangeSource } from './exchange-source.ts';

const START_S = Date.UTC(2024, 0, 1) / 1000;
const HOUR_S = 3600;
const ASKED: CandleRequest = { symbol: 'BTC/USDT', intervalS: HOUR_S, fromS: START_S, toS: START_S + 20 * HOUR_S };

/** Trades from the 5th to the 15th hour, at most 4 candles at a time. `trouble`: errors that the next calls throw. */
const PACKAGE = `
class BaseError extends Error {}
class NetworkError extends BaseError {}
class ExchangeError extends BaseError {}
class BadSymbol extends ExchangeError {}
class AuthenticationError extends ExchangeError {}
const errors = { NetworkError, BadSymbol, AuthenticationError };
class shop {
  static calls = [];
  static options;
  static trouble = [];
  timeframes = { '1h': '60', '1d': '1440' };
  has = { fetchOHLCV: true };
  constructor(options) { shop.options = options; }
  async loadMarkets() { this.markets = { 'BTC/USDT': {} }; return this.markets; }
  async fetchOHLCV(symbol, timeframe, since, limit) {
    shop.calls.push([symbol, timeframe, since / 1000, limit]);
    const trouble = shop.trouble.shift();
    if (trouble !== undefined) throw new errors[trouble]('shop says ' + trouble);
    const rows = [];
    for (let hour = 5; hour < 15; hour += 1) {
      const ms = (${String(START_S)} + hour * 3600) * 1000;
      if (ms >= since && ms < since + limit * 3600e3 && rows.length < 4) rows.push([ms, 10, 12, 9, 11, hour === 7 ? undefined : hour]);
    }
    return rows;
  }
  async close() { shop.isClosed = true; }
}
module.exports = { exchanges: ['shop', 'shopper'], shop, shopper: class {} };
`;

interface Shop {
  readonly calls: unknown[][];
  readonly options: unknown;
  readonly trouble: string[];
  readonly isClosed?: boolean;
}

let root: string;
let path: string;

async function readShop(): Promise<Shop> {
  const loaded = (await import(path)) as { default: { shop: Shop } };
  return loaded.default.shop;
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'quantbot-ccxt-'));
  path = join(root, 'node_modules', 'ccxt', 'index.cjs');
  await mkdir(join(root, 'node_modules', 'ccxt'), { recursive: true });
  await writeFile(join(root, 'node_modules', 'ccxt', 'package.json'), '{"name":"ccxt","main":"index.cjs"}');
  await writeFile(path, PACKAGE);
});
afterEach(() => rm(root, { recursive: true }));

const clock = createManualClock();
const open = (exchange = 'shop', pageLimit = 8) =>
  openExchangeSource({ exchange, workspaceRoot: root, nowMs: clock.nowMs, clock, pageLimit });

describe('candles of an exchange through ccxt', () => {
  it('come page after page, also after a time without trades', async () => {
    const source = await open();
    const pages = await collectPages(source, ASKED);
    expect(pages.map((page) => page.map(({ timestampS }) => (timestampS - START_S) / HOUR_S))).toEqual([
      [5, 6, 7],
      [8, 9, 10, 11],
      [12, 13, 14],
    ]);
    expect(pages[0]?.[2]).toEqual({ timestampS: START_S + 7 * HOUR_S, open: 10, high: 12, low: 9, close: 11, volume: null });
    const shop = await readShop();
    expect(shop.calls[0]).toEqual(['BTC/USDT', '1h', START_S, 8]);
    expect(shop.options).toEqual({ enableRateLimit: true });
    await source.close();
    expect(shop.isClosed).toBe(true);
  });

  it('are asked for again when the network fails', async () => {
    const source = await open();
    (await readShop()).trouble.push('NetworkError', 'NetworkError');
    expect((await collectPages(source, ASKED)).flat()).toHaveLength(10);
    expect(clock.waitsMs).toEqual([1_000, 2_000]);
  });

  it.each([
    ['BadSymbol', 'NOT_FOUND'],
    ['AuthenticationError', 'UNAUTHENTICATED'],
  ])('are not asked for again after %s', async (trouble, code) => {
    const source = await open();
    (await readShop()).trouble.push(trouble);
    expect(await failureOf(collectPages(source, ASKED))).toMatchObject({ code, message: `shop (ccxt): shop says ${trouble}` });
  });

  it('are refused by name when the exchange does not have them', async () => {
    const source = await open();
    expect((await failureOf(collectPages(source, { ...ASKED, symbol: 'BTCUSDT' }))).message).toContain(
      'shop has no market BTCUSDT; ccxt writes symbols as BTC/USDT',
    );
    expect((await failureOf(collectPages(source, { ...ASKED, intervalS: 300 }))).message).toContain('has no 5m candles; it has 1h, 1d');
  });
});

describe('ccxt', () => {
  it('that is not installed is asked for, with the command', async () => {
    await rm(join(root, 'node_modules'), { recursive: true });
    const failure = await failureOf(open());
    expect(failure).toMatchObject({
      code: 'SETUP_INCOMPLETE',
      message: expect.stringContaining(`cd ${root} && npm install ccxt`) as string,
    });
  });

  it('that does not know the exchange names those near it', async () => {
    expect(await failureOf(open('shoq'))).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('near it are shop, shopper') as string,
    });
  });

  it('is found in each of the ways in which it is packed', async () => {
    const asModule = `exports.shop = class { async loadMarkets() {} async fetchOHLCV() { return []; } };
      exports.exchanges = { shop: exports.shop };
      exports.default = { ...exports, exchanges: ['shop'] };
      Object.defineProperty(exports, '__esModule', { value: true });`;
    await writeFile(path, asModule);
    expect((await open()).name).toBe('shop (ccxt)');
  });

  it('that is too old for candles is to be updated', async () => {
    expect((await failureOf(open('shopper'))).message).toContain('npm install ccxt@latest');
  });

  it('that is broken is to be installed anew', async () => {
    await writeFile(path, 'throw new Error("half an installation")');
    expect(await failureOf(open())).toMatchObject({
      code: 'SETUP_INCOMPLETE',
      message: expect.stringContaining('half an installation') as string,
    });
  });
});

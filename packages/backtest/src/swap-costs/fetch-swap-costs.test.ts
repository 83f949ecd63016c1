import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../sources/testing/fetch-failure.ts';
import { createManualClock, type ManualClock } from '../sources/testing/manual-clock.ts';
import { fetchSwapCosts, type FetchSwapCostsOptions } from './fetch-swap-costs.ts';
import { readSwapCosts } from './read-swap-costs.ts';

/** A pool that takes 1 % of the amount in each direction for every 10,000 of it. A token is worth 2. */
interface QuoteService {
  readonly url: string;
  readonly asked: {
    readonly sell: string;
    readonly buy: string;
    readonly amount: number;
    readonly atMs: number;
    readonly authorization: string | undefined;
  }[];
  /** Spoils the request with this number, from 0. */
  readonly failures: Map<number, (response: ServerResponse) => void>;
  mostAtOnce: number;
}

let folder: string;
let path: string;
let clock: ManualClock;
let service: QuoteService;
let close: () => Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quantbot-quotes-'));
  path = join(folder, 'data', 'swap_cost_cache.json');
  clock = createManualClock();
  let atOnce = 0;
  const listener = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const [sell, buy, amount] = [searchParams.get('sell') ?? '', searchParams.get('buy') ?? '', Number(searchParams.get('amount'))];
    const failure = service.failures.get(service.asked.length);
    service.asked.push({ sell, buy, amount, atMs: clock.nowMs(), authorization: request.headers.authorization });
    atOnce += 1;
    service.mostAtOnce = Math.max(service.mostAtOnce, atOnce);
    setImmediate(() => {
      atOnce -= 1;
      if (failure !== undefined) {
        failure(response);
        return;
      }
      const value = sell === 'DAI' ? amount : amount * 2;
      const out = (value * (1 - (0.01 * value) / 10_000)) / (sell === 'DAI' ? 2 : 1);
      response.end(JSON.stringify({ data: { outAmount: String(out) }, gas: sell === 'DAI' ? 0.25 + amount / 1e6 : 0.5 }));
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  service = { url: `http://127.0.0.1:${String((listener.address() as AddressInfo).port)}`, asked: [], failures: new Map(), mostAtOnce: 0 };
  close = async () => {
    listener.closeAllConnections();
    listener.close();
    await once(listener, 'close');
  };
});
afterEach(async () => {
  await close();
  await rm(folder, { recursive: true });
});

function toOptions(changes: Partial<FetchSwapCostsOptions> = {}): FetchSwapCostsOptions {
  return {
    url: `${service.url}/quote?sell={sell_token}&buy={buy_token}&amount={amount}`,
    tokens: [{ name: 'PDAI', address: '0x1/&?', decimals: 0 }],
    quote: { name: 'DAI', address: 'DAI', decimals: 0 },
    startNotional: 5000,
    stepNotional: 5000,
    endNotional: 50_000,
    fields: { amountOutPath: 'data.outAmount', gasPath: 'gas', gasScale: 1 },
    parallel: 8,
    batchEveryMs: 60_000,
    attempts: 3,
    timeoutMs: 2_000,
    path,
    isFresh: false,
    nowMs: clock.nowMs,
    clock,
    signal: new AbortController().signal,
    ...changes,
  };
}

const fetchCosts = (changes?: Partial<FetchSwapCostsOptions>) => fetchSwapCosts(toOptions(changes));
const BUSY = (response: ServerResponse): void => void response.writeHead(429, { 'retry-after': '90' }).end('{"error":"slow down"}');

describe('fetching swap costs', () => {
  it('buys and sells again at each rung, and keeps what is lost', async () => {
    await fetchCosts();
    const costs = await readSwapCosts(path, 'PDAI');
    expect(costs.rungs.map(({ notional }) => notional)).toEqual([
      5000, 10_000, 15_000, 20_000, 25_000, 30_000, 35_000, 40_000, 45_000, 50_000,
    ]);
    // 10,000 buys for 9,900; those sell for 9,900 less 0.99 %.
    expect(costs.rungs[1]?.loss_rate).toBeCloseTo(1 - 0.99 * (1 - 0.0099), 10);
    expect(costs).toMatchObject({ gas_buy: 0.3, gas_sell: 0.5 });
    const file: unknown = JSON.parse(await readFile(path, 'utf8'));
    expect(file).toMatchObject({
      version: 1,
      quote_currency: 'DAI',
      tokens: { PDAI: { source: service.url, fetched_at: '2025-01-01T00:03:00.000Z' } },
    });
    expect(service.asked[0]).toMatchObject({ sell: 'DAI', buy: '0x1/&?', amount: 5000 });
  });

  it('never asks more than eight questions at once, nor more than eight in a minute', async () => {
    await fetchCosts();
    expect(service.asked).toHaveLength(20);
    expect(service.mostAtOnce).toBeLessThanOrEqual(8);
    const perBatch = [...Map.groupBy(service.asked, ({ atMs }) => atMs)].map(([atMs, asked]) => [
      (atMs - Date.UTC(2025, 0, 1)) / 1000,
      asked.length,
    ]);
    expect(perBatch).toEqual([
      [0, 8],
      [60, 8],
      [120, 2],
      [180, 2],
    ]);
  });

  it('asks again what failed for a while, in a later batch and as late as the service wants', async () => {
    service.failures
      .set(2, BUSY)
      .set(3, (response) => response.destroy())
      .set(4, (response) => response.writeHead(502).end());
    await fetchCosts({ stepNotional: 25_000, startNotional: 25_000, parallel: 3 });
    const costs = await readSwapCosts(path, 'PDAI');
    expect(costs.rungs).toHaveLength(2);
    expect(service.asked.length).toBe(4 + 3);
    const seconds = service.asked.map(({ atMs }) => (atMs - Date.UTC(2025, 0, 1)) / 1000);
    expect(seconds.every((second) => second % 30 === 0)).toBe(true);
    expect(seconds.at(-1)).toBeGreaterThanOrEqual(90);
  });

  it('gives up after some tries, keeps what it has beside the cache, and goes on from there', async () => {
    for (const number of [16, 17, 18, 19, 20, 21])
      service.failures.set(number, (response) => response.writeHead(500).end('{"error":"broken"}'));
    const failure = await failureOf(fetchCosts());
    expect(failure).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining('answered 500, "broken" (tried 3 times)') as string,
    });
    expect(await readdir(join(folder, 'data'))).toEqual(['swap_cost_cache.json.partial']);
    service.failures.clear();
    const before = service.asked.length;
    await fetchCosts();
    expect(service.asked.length - before).toBe(2 * 2);
    expect((await readSwapCosts(path)).rungs).toHaveLength(10);
    expect(await readdir(join(folder, 'data'))).toEqual(['swap_cost_cache.json']);
  });

  it('does not wait for a service that wants a pause of hours', async () => {
    service.failures.set(16, (response) => response.writeHead(429, { 'retry-after': '7200' }).end());
    const failure = await failureOf(fetchCosts());
    expect(failure.code).toBe('RATE_LIMITED');
    expect(failure.message).toContain('asks to come back in 120 minutes');
    expect(failure.message).toContain('8 of 10 rungs are measured; the same command goes on from them');
  });

  it('stopped by Ctrl-C leaves the old cache as it was', async () => {
    await fetchCosts({ endNotional: 5000 });
    const old = await readFile(path, 'utf8');
    const controller = new AbortController();
    const stopped = fetchCosts({
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done >= 4) controller.abort();
      },
    });
    expect((await failureOf(stopped)).code).toBe('CANCELLED');
    expect(await readFile(path, 'utf8')).toBe(old);
  });

  it('measures again what is older than a day, what was asked otherwise, and everything when told to', async () => {
    service.failures.set(16, (response) => response.writeHead(404).end());
    await failureOf(fetchCosts());
    const kept = await readFile(`${path}.partial`, 'utf8');
    for (const changes of [
      { isFresh: true },
      { quote: { name: 'DAI', address: 'DAI', decimals: 1 } },
      { nowMs: () => 0, clock: createManualClock(Date.UTC(2025, 0, 3)) },
    ]) {
      await writeFile(`${path}.partial`, kept);
      const before = service.asked.length;
      await fetchCosts(changes);
      expect(service.asked.length - before).toBe(20);
    }
  });

  it('keeps the other tokens of the cache', async () => {
    await fetchCosts();
    await fetchCosts({ tokens: [{ name: 'HEX', address: '0x2', decimals: 0 }], gasBuy: 1, gasSell: 2, endNotional: 5000 });
    expect(await readSwapCosts(path, 'HEX')).toMatchObject({ rungs: [{ notional: 5000 }], gas_buy: 1, gas_sell: 2 });
    expect((await readSwapCosts(path, 'PDAI')).rungs).toHaveLength(10);
  });

  it('asks nothing and changes nothing when the cache cannot be read', async () => {
    await fetchCosts({ endNotional: 5000 });
    await writeFile(path, '{"broken": ');
    const before = service.asked.length;
    expect((await failureOf(fetchCosts())).code).toBe('UNREADABLE_FILE');
    expect(service.asked.length).toBe(before);
    expect(await readFile(path, 'utf8')).toBe('{"broken": ');
  });

  it.each([
    ['{"data": {}}', 'should have a positive amount under data.outAmount, found nothing; --amount-out-path says where it stands'],
    ['{"data": {"outAmount": "-3"}, "gas": 1}', 'found "-3"'],
    ['{"data": {"outAmount": "3"}, "gas": "much"}', 'should have gas of 0 or more under gas, found "much"'],
  ])('says what is wrong with the answer %s', async (text, message) => {
    service.failures.set(0, (response) => response.end(text));
    expect(await failureOf(fetchCosts())).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([
    [
      'http://127.0.0.1/quote?sell={sell_token}&amount={amount}',
      /expected an address with \{sell_token\}, \{buy_token\}, \{amount\}, found/,
    ],
    ['http://127.0.0.1/{sell_token}/{buy_token}/{amount}/{secret}', /found .*\{secret\}/],
    ['http://{sell_token}.example/{buy_token}/{amount}', /not into the host/],
    ['file:///{sell_token}/{buy_token}/{amount}', /begins with http/],
  ])('refuses the address %s', async (url, message) => {
    expect(await failureOf(fetchCosts({ url }))).toMatchObject({ code: 'USAGE', message: expect.stringMatching(message) as string });
  });

  it('sends keys to the service and writes them nowhere', async () => {
    const url = `${service.url.replace('http://', 'http://ann:s3cret@')}/v3/k3y/quote?sell={sell_token}&buy={buy_token}&amount={amount}`;
    service.failures.set(16, (response) => response.writeHead(403).end());
    const { message } = await failureOf(fetchCosts({ url }));
    const partial = await readFile(`${path}.partial`, 'utf8');
    await fetchCosts({ url });
    expect(service.asked[0]?.authorization).toContain('Basic ');
    expect([message, partial, await readFile(path, 'utf8')].join('\n')).not.toMatch(/s3cret|k3y/);
  });

  it('counts in base units where the service does', async () => {
    const [token] = toOptions().tokens;
    await fetchCosts({
      quote: { name: 'DAI', address: 'DAI', decimals: 18 },
      tokens: [{ name: 'PDAI', address: token?.address ?? '', decimals: 18 }],
      endNotional: 5000,
      fields: { amountOutPath: 'data.outAmount', gasPath: 'gas', gasScale: 0 },
    }).catch(() => undefined);
    expect(service.asked[0]?.amount).toBe(5000e18);
  });
});

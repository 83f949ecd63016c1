import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SliceManifestSchema, type CandleSeriesSummary, type MarketDataCatalogue } from '@quantbot/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareCandleSlice, type CandleSliceRequest } from './prepare-candle-slice.ts';

const HOUR_S = 3600;
const START_MS = Date.UTC(2024, 0, 1);
const HOUR_MS = HOUR_S * 1000;

interface Stored {
  readonly instrument: string;
  readonly intervalS: number;
  readonly rows: number;
}

/** Series of rising prices from 1 January 2024 on, in memory, that count how often candles are read. */
class CountingCatalogue implements Pick<MarketDataCatalogue, 'listSeries' | 'readCandles'> {
  reads = 0;
  generation = 'first';
  readonly #stored: readonly Stored[];

  constructor(...stored: readonly Stored[]) {
    this.#stored = stored;
  }

  async listSeries(): Promise<readonly CandleSeriesSummary[]> {
    const first = START_MS / 1000;
    return this.#stored.map(({ instrument, intervalS, rows }) => ({
      instrument,
      intervalS,
      rows,
      firstTimestamp: first,
      lastTimestamp: first + (rows - 1) * intervalS,
      contentHash: `${instrument} ${String(intervalS)} ${this.generation}`,
    }));
  }

  async *readCandles(keys: Parameters<MarketDataCatalogue['readCandles']>[0]): ReturnType<MarketDataCatalogue['readCandles']> {
    for (const key of keys) {
      this.reads += 1;
      const rows =
        this.#stored.find(({ instrument, intervalS }) => instrument === key.instrument && intervalS === key.intervalS)?.rows ?? 0;
      const price = Float64Array.from({ length: rows }, (_, row) => row + 1);
      const timestamp = BigInt64Array.from(price, (_, row) => BigInt(START_MS / 1000 + row * key.intervalS));
      yield { key, candles: { timestamp, open: price, high: price, low: price, close: price, volume: price } };
    }
  }
}

const hourly = (instrument: string, rows: number): Stored => ({ instrument, intervalS: HOUR_S, rows });

describe('preparing a slice of candles', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'quantbot-candle-slice-test-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  const prepare = (catalogue: CountingCatalogue, asked: Partial<CandleSliceRequest>) =>
    prepareCandleSlice(
      { catalogue: catalogue as unknown as MarketDataCatalogue, slicesDir: dir },
      { symbols: ['EURUSD'], intervalS: HOUR_S, ...asked },
    );

  it('holds one series a symbol, in the order asked for, without calls', async () => {
    const { slice, series } = await prepare(new CountingCatalogue(hourly('EURUSD', 30), hourly('GBPUSD', 20)), {
      symbols: ['GBPUSD', 'EURUSD'],
    });
    const manifest = SliceManifestSchema.parse(JSON.parse(await readFile(join(slice.path, 'manifest.json'), 'utf8')));
    expect(manifest.series).toEqual([
      { name: 'GBPUSD', interval_s: HOUR_S, offset: 0, rows: 20 },
      { name: 'EURUSD', interval_s: HOUR_S, offset: 20, rows: 30 },
    ]);
    expect(manifest.calls.id).toEqual([]);
    expect(series.map(({ symbol, candles }) => [symbol, candles])).toEqual([
      ['GBPUSD', 20],
      ['EURUSD', 30],
    ]);
  });

  it('holds candles before the range for warm-up, but no more than asked for, and none after it', async () => {
    const bounds = { fromMs: START_MS + 100 * HOUR_MS, toMs: START_MS + 110 * HOUR_MS };
    const catalogue = new CountingCatalogue(hourly('EURUSD', 200));
    const { series, range } = await prepare(catalogue, { ...bounds, warmUpCandles: 20 });
    expect(range).toEqual({ from_ms: bounds.fromMs, to_ms: bounds.toMs });
    expect(series).toMatchObject([
      { candles: 30, firstTimestamp: START_MS / 1000 + 80 * HOUR_S, lastTimestamp: START_MS / 1000 + 109 * HOUR_S },
    ]);
    expect((await prepare(catalogue, bounds)).series).toMatchObject([{ candles: 110 }]);
  });

  it('makes candles of the coarsest stored series that fits, and takes a stored one as it is', async () => {
    const stored = [60, 900, HOUR_S].map((intervalS) => ({ instrument: 'EURUSD', intervalS, rows: 6000 }));
    const catalogue = new CountingCatalogue(...stored);
    expect((await prepare(catalogue, { intervalS: 4 * HOUR_S })).series).toMatchObject([{ storedIntervalS: HOUR_S, candles: 1500 }]);
    expect((await prepare(catalogue, { intervalS: 1800 })).series).toMatchObject([{ storedIntervalS: 900, candles: 3000 }]);
    expect((await prepare(catalogue, { intervalS: 900 })).series).toMatchObject([{ storedIntervalS: 900, candles: 6000 }]);
  });

  it('reads nothing when the same is asked of the same data again, and reads again when the data changed', async () => {
    const catalogue = new CountingCatalogue(hourly('EURUSD', 50));
    const first = await prepare(catalogue, {});
    expect(await prepare(catalogue, {})).toEqual(first);
    expect(catalogue.reads).toBe(1);
    catalogue.generation = 'second';
    await prepare(catalogue, {});
    expect(catalogue.reads).toBe(2);
    await rm(first.slice.path, { recursive: true });
    expect((await prepare(catalogue, {})).slice).toEqual(first.slice);
    expect(catalogue.reads).toBe(3);
  });

  it.each(['EURUSD', 'EUR-USD', 'EUR_USD', 'eur/usd'])('finds %s whatever its separator', async (symbol) => {
    const { series } = await prepare(new CountingCatalogue(hourly('EUR_USD', 5)), { symbols: [symbol] });
    expect(series).toMatchObject([{ symbol: 'EUR_USD' }]);
  });

  it.each<[string, Partial<CandleSliceRequest>, RegExp]>([
    ['an unknown symbol', { symbols: ['EURUSB'] }, /no candles of "EURUSB"; did you mean EURUSD\? \(stored: EURUSD, BTC-USDT\)/],
    ['candles that cannot be made', { intervalS: 60 }, /no 1m candles of EURUSD.*what is stored \(1h\)/],
    [
      'a range without candles',
      { fromMs: Date.UTC(2025, 0, 1) },
      /2025-01-01 00:00.*50 1h candles go from 2024-01-01 00:00 to 2024-01-03 01:00/,
    ],
    ['a range that is shorter than a candle', { fromMs: START_MS + 1, toMs: START_MS + 2 }, /no whole 1h candle/],
    ['a range that ends before it begins', { fromMs: START_MS + HOUR_MS, toMs: START_MS }, /begins before it ends/],
    ['a symbol that is named twice', { symbols: ['EURUSD', 'EUR-USD'] }, /named twice/],
    ['no symbol', { symbols: [] }, /at least one symbol/],
  ])('refuses %s', async (_what, asked, message) => {
    await expect(prepare(new CountingCatalogue(hourly('EURUSD', 50), hourly('BTC-USDT', 50)), asked)).rejects.toThrow(message);
  });

  it('asks which one is meant when two symbols differ in their separator only', async () => {
    const catalogue = new CountingCatalogue(hourly('EUR-USD', 5), hourly('EUR_USD', 5));
    await expect(prepare(catalogue, {})).rejects.toThrow(/can mean EUR-USD or EUR_USD/);
    expect((await prepare(catalogue, { symbols: ['EUR-USD'] })).series).toMatchObject([{ symbol: 'EUR-USD' }]);
  });
});

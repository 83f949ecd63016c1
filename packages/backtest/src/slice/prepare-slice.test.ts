import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call, CandleColumns, CandleSeriesSummary, MarketDataCatalogue } from '@quantbot/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareSlice } from './prepare-slice.ts';
import type { SliceRequest } from './slice-request.ts';

const MINUTE_MS = 60_000;

/** A catalogue of one-minute candles in memory that counts how often candles are read. */
class CountingCatalogue implements Pick<MarketDataCatalogue, 'listSeries' | 'readCandles'> {
  reads = 0;
  readonly #minutes: ReadonlyMap<string, number>;
  #generation = 'first';

  constructor(minutes: Readonly<Record<string, number>>) {
    this.#minutes = new Map(Object.entries(minutes));
  }

  change(): void {
    this.#generation = 'second';
  }

  async listSeries(): Promise<readonly CandleSeriesSummary[]> {
    return [...this.#minutes].map(([instrument, rows]) => ({
      instrument,
      intervalS: 60,
      rows,
      firstTimestamp: 0,
      lastTimestamp: (rows - 1) * 60,
      contentHash: `${instrument} ${this.#generation}`,
    }));
  }

  async *readCandles(keys: Parameters<MarketDataCatalogue['readCandles']>[0]): ReturnType<MarketDataCatalogue['readCandles']> {
    for (const key of keys) {
      this.reads += 1;
      yield { key, candles: flatCandles(this.#minutes.get(key.instrument) ?? 0) };
    }
  }
}

function flatCandles(rows: number): CandleColumns {
  const flat = new Float64Array(rows).fill(1);
  return {
    timestamp: BigInt64Array.from(flat, (_, row) => BigInt(row * 60)),
    open: flat,
    high: flat,
    low: flat,
    close: flat,
    volume: flat,
  };
}

const call = (id: string, mint: string, minute: number): Call => ({ id, mint, caller: id.slice(0, 1), ts_ms: minute * MINUTE_MS });
const request = (calls: readonly Call[]): SliceRequest => ({ calls, interval: undefined, maxHoldHrs: 1, allowPartial: true, minCalls: 1 });

describe('preparing a slice', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'quantbot-prepare-test-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  const prepare = (catalogue: CountingCatalogue, asked: SliceRequest) =>
    prepareSlice({ catalogue: catalogue as unknown as MarketDataCatalogue, slicesDir: dir }, asked);

  it('cuts each series to the candles that its calls can touch', async () => {
    const prepared = await prepare(
      new CountingCatalogue({ AAA: 600, BBB: 600 }),
      request([call('a1', 'AAA', 10), call('a2', 'AAA', 100), call('b1', 'BBB', 500)]),
    );
    // AAA: minute 10 to the candle at 100 + 60, both included; BBB: 500 to 560.
    expect(prepared.candles).toBe(160 - 10 + 1 + 61);
    expect(prepared.planned.every(({ coverage }) => coverage.status === 'full')).toBe(true);
  });

  it('reads no candle when the same was asked of the same data before', async () => {
    const catalogue = new CountingCatalogue({ AAA: 600, BBB: 30 });
    const asked = request([call('a1', 'AAA', 10), call('b1', 'BBB', 20), call('c1', 'CCC', 20)]);
    const first = await prepare(catalogue, asked);
    expect(catalogue.reads).toBe(2);
    expect(await prepare(catalogue, asked)).toEqual(first);
    expect(catalogue.reads).toBe(2);
  });

  it.each<[string, (catalogue: CountingCatalogue, asked: SliceRequest) => Promise<SliceRequest>]>([
    [
      'the candles changed',
      async (catalogue, asked) => {
        catalogue.change();
        return asked;
      },
    ],
    ['other calls are asked for', async (_, asked) => ({ ...asked, calls: [...asked.calls, call('d1', 'AAA', 30)] })],
    ['positions are held longer', async (_, asked) => ({ ...asked, maxHoldHrs: 2 })],
    [
      'the slice was deleted',
      async (_, asked) => {
        await rm(join(dir, (await readdir(dir)).find((name) => name !== 'plans') ?? ''), { recursive: true });
        return asked;
      },
    ],
    [
      'the kept plan is torn',
      async (_, asked) => {
        for (const name of await readdir(join(dir, 'plans'))) await writeFile(join(dir, 'plans', name), '{"sl');
        return asked;
      },
    ],
  ])('reads them again when %s', async (_what, change) => {
    const catalogue = new CountingCatalogue({ AAA: 600 });
    const asked = request([call('a1', 'AAA', 10)]);
    await prepare(catalogue, asked);
    const prepared = await prepare(catalogue, await change(catalogue, asked));
    expect(catalogue.reads).toBe(2);
    expect(prepared.used.length).toBeGreaterThan(0);
  });

  it('leaves callers with too few calls out and says how many they had', async () => {
    const asked = { ...request([call('a1', 'AAA', 10), call('a2', 'AAA', 20), call('b1', 'AAA', 30)]), minCalls: 2 };
    const prepared = await prepare(new CountingCatalogue({ AAA: 600 }), asked);
    expect(prepared.used.map(({ id }) => id)).toEqual(['a1', 'a2']);
    expect(prepared.belowMinCalls).toEqual([{ caller: 'b', calls: 1 }]);
  });

  it('refuses when nothing is left, with the reasons, and keeps nothing', async () => {
    await expect(
      prepare(new CountingCatalogue({ AAA: 600 }), request([call('c1', 'CCC', 20), call('a1', 'AAA', 700)])),
    ).rejects.toMatchObject({
      code: 'NO_CANDLES',
      message: expect.stringMatching(/1 no_candles, 1 no_entry|1 no_entry, 1 no_candles/) as string,
    });
    expect(await readdir(dir)).toEqual([]);
  });
});

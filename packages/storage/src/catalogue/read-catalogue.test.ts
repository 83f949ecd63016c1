import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createWorkspace,
  importCallFile,
  importCandleFile,
  readSeries,
  toCandleLines,
  toCsv,
  writeParquet,
  type Workspace,
} from './testing/workspace.ts';

const REAL_DATA = join(import.meta.dirname, '../../../../../shared/data');

const price = fc.double({ min: 1e-12, max: 1e9, noNaN: true });
const candle = fc.record({
  step: fc.integer({ min: 1, max: 100_000 }),
  prices: fc.tuple(price, price, price, price),
  volume: fc.double({ min: 0, max: 1e15, noNaN: true }),
});

interface PlainCandle {
  readonly timestamp: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const series = fc.array(candle, { minLength: 1, maxLength: 40 }).map((candles) => {
  let timestamp = 1_600_000_000;
  return candles.map(({ step, prices, volume }): PlainCandle => {
    timestamp += step;
    const [low, open, close, high] = prices.toSorted((a, b) => a - b);
    return { timestamp, open: open ?? 0, high: high ?? 0, low: low ?? 0, close: close ?? 0, volume: volume + 0 };
  });
});

async function writeSeries(workspace: Workspace, format: 'csv' | 'jsonl' | 'parquet', candles: readonly PlainCandle[]): Promise<string> {
  const csv = toCsv(candles.map(({ timestamp, open, high, low, close, volume }) => [timestamp, open, high, low, close, volume].join(',')));
  if (format === 'csv') return workspace.write('s.csv', csv);
  if (format === 'jsonl') return workspace.write('s.jsonl', candles.map((row) => JSON.stringify(row)).join('\n'));
  const values = candles.map(
    ({ timestamp, open, high, low, close, volume }) =>
      `(${String(timestamp)}, ${[open, high, low, close, volume].map((value) => `'${String(value)}'::DOUBLE`).join(', ')})`,
  );
  return writeParquet(
    join(workspace.folder, 's.parquet'),
    `FROM (VALUES ${values.join(', ')}) AS rows (timestamp, open, high, low, close, volume)`,
  );
}

describe('what is read', () => {
  it('is what was imported, to the last bit, from every format', async () => {
    await using workspace = await createWorkspace();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(series, fc.constantFrom('csv' as const, 'jsonl' as const, 'parquet' as const), async (candles, format) => {
        const instrument = `RUN${String((run += 1))}`;
        const outcome = await importCandleFile(workspace, await writeSeries(workspace, format, candles), { format, instrument });
        const read = await readSeries(workspace.catalogue, instrument, outcome.intervalsS[0] ?? 0);
        expect([...read.timestamp].map(Number)).toEqual(candles.map((row) => row.timestamp));
        for (const name of ['open', 'high', 'low', 'close', 'volume'] as const)
          expect([...read[name]]).toEqual(candles.map((row) => row[name]));
      }),
      { numRuns: 60 },
    );
  });

  it('comes in the order asked for, with empty series for what is not there', async () => {
    await using workspace = await createWorkspace();
    const names = Array.from({ length: 300 }, (_, index) => `T${String(index)}`);
    const text = toCsv(
      names.flatMap((name, index) => toCandleLines(1 + (index % 5)).map((line) => `${line},${name}`)),
      'timestamp,open,high,low,close,volume,token',
    );
    await importCandleFile(workspace, await workspace.write('all.csv', text), { intervalS: 60 });
    const asked = ['T299', 'NONE', 'T0', 'T7', 'T7', ...names];
    const seen = [];
    for await (const { key, candles } of workspace.catalogue.readCandles(asked.map((instrument) => ({ instrument, intervalS: 60 }))))
      seen.push([key.instrument, candles.close.length]);
    expect(seen).toEqual(asked.map((name) => [name, name === 'NONE' ? 0 : 1 + (Number(name.slice(1)) % 5)]));
  });

  it('is complete for a series longer than what DuckDB hands over at once', async () => {
    await using workspace = await createWorkspace();
    await importCandleFile(workspace, await workspace.write('long.csv', toCsv(toCandleLines(300_000))));
    const { timestamp, open } = await readSeries(workspace.catalogue, 'PEPE', 60);
    expect(timestamp.every((time, row) => time === BigInt(1_700_000_000 + row * 60))).toBe(true);
    expect(open.every((value, row) => value === 1 + row)).toBe(true);
  });

  it('may be left half way', async () => {
    await using workspace = await createWorkspace();
    for (const instrument of ['A', 'B'])
      await importCandleFile(workspace, await workspace.write('a.csv', toCsv(toCandleLines(5000))), { instrument });
    const keys = ['A', 'B'].map((instrument) => ({ instrument, intervalS: 60 }));
    for await (const { key } of workspace.catalogue.readCandles(keys)) {
      expect(key.instrument).toBe('A');
      break;
    }
    expect((await readSeries(workspace.catalogue, 'B', 60)).timestamp).toHaveLength(5000);
  });
});

describe('coverage', () => {
  it('counts steps that differ from the interval, missing candles and candles without volume', async () => {
    await using workspace = await createWorkspace();
    const times = [0, 60, 120, 360, 390, 450, 510, 3510];
    await importCandleFile(
      workspace,
      await workspace.write('a.csv', toCsv(times.map((time, row) => `${String(time)},1,2,1,1,${String(row % 2)}`))),
    );
    expect(await workspace.catalogue.findCoverage({ instruments: ['PEPE'], intervalS: 60 })).toEqual([
      {
        instrument: 'PEPE',
        intervalS: 60,
        rows: 8,
        contentHash: expect.stringMatching(/^[0-9a-f]{16,}$/) as string,
        firstTimestamp: 0,
        lastTimestamp: 3510,
        gapCount: 3,
        missingCandles: 3 + 49,
        zeroVolumeRows: 4,
        gaps: [
          { afterTimestamp: 510, nextTimestamp: 3510, missingCandles: 49 },
          { afterTimestamp: 120, nextTimestamp: 360, missingCandles: 3 },
        ],
      },
    ]);
    expect(await workspace.catalogue.findCoverage({ intervalS: 300 })).toEqual([]);
  });
});

describe('calls', () => {
  it('come in order of time, then of import, then of row', async () => {
    await using workspace = await createWorkspace();
    await importCallFile(
      workspace,
      await workspace.write('a.csv', 'id,token,author,time\n5,A,x,1700000100\n4,A,x,1700000000\n3,A,y,1700000000\n'),
    );
    await importCallFile(
      workspace,
      await workspace.write('b.jsonl', '{"call_id":1,"symbol":"B","channel":"z","date":"2023-11-14T22:13:20Z"}\n'),
      { format: 'jsonl' },
    );
    await importCallFile(workspace, await workspace.write('c.json', '[{"id":"2","mint":"C","caller":" w ","ts_ms":1699999999999}]'), {
      format: 'json',
    });
    expect((await workspace.catalogue.listCalls()).map((call) => call.id)).toEqual(['2', '4', '3', '1', '5']);
    expect(await workspace.catalogue.findCallRange()).toEqual({
      calls: 5,
      firstMs: 1_699_999_999_999,
      lastMs: 1_700_000_100_000,
      callers: 4,
    });
    expect(await workspace.catalogue.listCalls({ fromMs: 1_700_000_000_000, toMs: 1_700_000_100_000, callers: ['x', "o'neil"] })).toEqual([
      { id: '4', mint: 'A', caller: 'x', ts_ms: 1_700_000_000_000 },
    ]);
    expect(await workspace.catalogue.listCalls({ callers: [] })).toEqual([]);
  });

  it('without ids get readable ones that stay the same', async () => {
    await using workspace = await createWorkspace();
    const path = await workspace.write(
      'a.csv',
      'mint,caller,call_ts\n0xABCDEF0123456789ABCDEF0123456789ABCDEF01,Brook (magnet),1700000000\nB,Ünlü,1700000000.5\n',
    );
    expect(await importCallFile(workspace, path)).toMatchObject({
      timeUnit: 's',
      notes: ['there is no id column: ids were made from caller, mint and time'],
    });
    const calls = await workspace.catalogue.listCalls();
    expect(calls).toMatchObject([
      { mint: '0xabcdef0123456789abcdef0123456789abcdef01', ts_ms: 1_700_000_000_000 },
      { mint: 'B', ts_ms: 1_700_000_000_500 },
    ]);
    expect(calls.map((call) => call.id)).toEqual([
      expect.stringMatching(/^brook-magnet-[0-9a-f]{12}$/),
      expect.stringMatching(/^nl-[0-9a-f]{12}$/),
    ]);
    await using again = await createWorkspace();
    await importCallFile(again, path);
    expect(await again.catalogue.listCalls()).toEqual(calls);
  });

  it('a workspace without any has none', async () => {
    await using workspace = await createWorkspace();
    expect(await workspace.catalogue.listCalls()).toEqual([]);
    expect(await workspace.catalogue.findCallRange()).toBeUndefined();
  });
});

describe.skipIf(!existsSync(REAL_DATA))(`real markets${existsSync(REAL_DATA) ? '' : ' (skipped: there is no ../shared/data)'}`, () => {
  it('keep the gaps and zero volumes that their description counts', async () => {
    await using workspace = await createWorkspace();
    const cases = [
      ['forex/EURUSD_1h.csv.gz', 3600, 5000, 42, 0],
      ['crypto_coinbase/LTCUSD_1m.csv.gz', 60, 3887, 4, 0],
      ['equity/GOOG_1m.csv.gz', 60, 1091, 78, 0],
      ['memecoin_bsc/0x12dbd55a2191ce33ff2e396be067c9735daf4444_5m.csv.gz', 300, 72, 0, 24],
    ] as const;
    for (const [name, intervalS, rows, gapCount, zeroVolumeRows] of cases) {
      expect(await importCandleFile(workspace, join(REAL_DATA, name), { instrument: name })).toMatchObject({
        rowsAdded: rows,
        intervalsS: [intervalS],
      });
      expect(await workspace.catalogue.findCoverage({ instruments: [name] })).toMatchObject([{ rows, gapCount, zeroVolumeRows }]);
    }
  });

  it('have calls without duplicates', async () => {
    await using workspace = await createWorkspace();
    const folder = join(REAL_DATA, 'calls');
    const added = [];
    for (const name of readdirSync(folder).sort()) added.push((await importCallFile(workspace, join(folder, name))).rowsAdded);
    expect(added).toEqual([582, 77]);
  });
});

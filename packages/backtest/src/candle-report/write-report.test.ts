import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildProvenanceFixture } from '../report/testing/outcome-fixture.ts';
import { buildCandleOutcome, type CandleOutcomeOptions } from './testing/candle-outcome.ts';
import { writeCandleBacktestReport } from './write-report.ts';

const provenance = buildProvenanceFixture();
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quantbot-candles-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(options: CandleOutcomeOptions = {}): Promise<(name: string) => Promise<string>> {
  const dir = join(folder, 'run');
  await writeCandleBacktestReport(buildCandleOutcome(options), provenance, dir);
  return async (name) => await readFile(join(dir, name), 'utf8');
}

async function readRows(read: (name: string) => Promise<string>, name: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const [header = '', ...lines] = (await read(name)).trimEnd().split('\n');
  const columns = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, index) => [columns[index] ?? '', cell])));
}

describe('writing the report of a backtest on candles', () => {
  it('makes the folder with all files and leaves nothing else', async () => {
    await write({ candles: 300, trades: 5 });
    expect((await readdir(join(folder, 'run'))).sort()).toEqual([
      ...['equity.csv', 'figures.csv', 'fills.csv', 'manifest.json', 'monthly.csv', 'report.html', 'result.json', 'shortfalls.csv'],
      'trades.csv',
    ]);
    expect(await readdir(folder)).toEqual(['run']);
  });

  it('keeps the whole result as JSON, with the summary of the API and without a word of when and where', async () => {
    const read = await write({ candles: 300, trades: 5 });
    const text = await read('result.json');
    const document = JSON.parse(text) as Record<string, unknown>;
    expect(document).toMatchObject({ kind: 'candle_backtest', schema_version: 1, total_trades: 5, signals_generated: 13 });
    expect(document['result']).toEqual(buildCandleOutcome({ candles: 300, trades: 5 }).result);
    expect(text).not.toMatch(/\/home\/|created_at|loadMs/);
  });

  it('gives every fill the number of its trade, and fees that add up to its costs', async () => {
    const read = await write({ candles: 900, trades: 12, symbols: ['A', 'B'] });
    const [trades, fills] = [await readRows(read, 'trades.csv'), await readRows(read, 'fills.csv')];
    expect(trades.map(({ symbol }) => symbol).slice(0, 3)).toEqual(['A', 'B', 'A']);
    for (const { trade, costs, side, entry_time: entry } of trades) {
      const own = fills.filter((fill) => fill['trade'] === trade);
      expect(own.reduce((sum, { fee }) => sum + Number(fee), 0)).toBeCloseTo(Number(costs), 9);
      expect([own[0]?.['side'], own[0]?.['time']]).toEqual([side === 'long' ? 'buy' : 'sell', entry]);
    }
  });

  it('writes undefined figures as empty cells with a reason', async () => {
    const read = await write({ trades: 0, candles: 300 });
    const undefinedFigure = (await readRows(read, 'figures.csv')).find(({ figure, period }) => figure === 'win_rate' && period === 'all');
    expect(undefinedFigure).toMatchObject({ value: '', reason: 'no_trades' });
    expect(await readRows(read, 'trades.csv')).toEqual([]);
  });

  it('makes names harmless that a spreadsheet would run', async () => {
    const read = await write({ candles: 300, trades: 2, symbols: ['=cmd()'] });
    expect(await read('trades.csv')).toContain("0,'=cmd(),");
  });

  it('escapes names and notes in the page and refuses everything from outside', async () => {
    const evil = '</script><img src=x onerror=alert(1)>';
    const read = await write({ candles: 300, trades: 3, symbols: [evil, 'b'], notes: [evil], strategy: evil });
    const page = (await read('report.html')).replaceAll(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '');
    expect(page).not.toContain('<img src=x');
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('states every rule, the ambiguous fills, data, hashes and the command', async () => {
    const page = await (await write({ candles: 900, trades: 40, missingCandles: 7 }))('report.html');
    const { result, slice, request, engineSourceHash } = buildCandleOutcome({ candles: 900, trades: 40 });
    for (const rule of Object.keys(result.rules)) expect(page).toContain(`<code>${rule}</code>`);
    const words = [
      'fee 10 bps and 0 fixed per fill, slippage 5 bps',
      '2 of 80 (2.5%)',
      '7 candles between the first and the last are missing',
      '1m, resampled to 1h',
    ];
    for (const word of [...words, slice.id, request.strategy.sourceHash, engineSourceHash, 'quantbot backtest'])
      expect(page).toContain(word);
  });

  it('stays small for ten thousand trades and twenty thousand points', async () => {
    await write({ symbols: ['A', 'B', 'C'], candles: 20_000, trades: 10_000 });
    expect((await stat(join(folder, 'run', 'report.html'))).size).toBeLessThan(5_000_000);
  });
});

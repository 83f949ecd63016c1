import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GeneratedCall } from './callers.ts';
import { buildMarket, generateMarket, type GeneratedMarket, type MarketSummary } from './generate-market.ts';
import { INTERVAL_S } from './price-walk.ts';

const SEED = 2025;
const HORIZON_S = 48 * 3600;

function hashFolder(dir: string, read: (file: string) => Buffer): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(dir, name);
    if (path.extname(file) !== '') hash.update(name.replaceAll('\\', '/')).update(read(file));
  }
  return hash.digest('hex');
}

function readContent(file: string): Buffer {
  const content = readFileSync(file);
  return file.endsWith('.gz') ? gunzipSync(content) : content;
}

/** The share of a caller's calls after which the price doubles within 48 hours of the first candle. */
function toDoublingShare(market: GeneratedMarket, caller: string): number {
  const calls = market.calls.filter((call) => call.caller === caller);
  return calls.filter((call) => hasDoubled(market, call)).length / calls.length;
}

function hasDoubled({ tokens }: GeneratedMarket, { token, callTs }: GeneratedCall): boolean {
  const candles = tokens.find(({ name }) => name === token)?.candles ?? [];
  const entry = candles.find(({ timestamp }) => timestamp >= callTs);
  if (entry === undefined) return false;
  return candles.some(
    ({ timestamp, high }) => timestamp > entry.timestamp && timestamp <= entry.timestamp + HORIZON_S && high >= 2 * entry.close,
  );
}

describe('the generated market', () => {
  const market = buildMarket(SEED);
  const listed = market.tokens.filter(({ candles }) => candles.length > 0);

  it('has only candles that the import accepts', () => {
    const wrong = listed.flatMap(({ name, candles }) =>
      candles.filter(({ timestamp, open, high, low, close, volume }, index) => {
        const isOrdered = index === 0 || timestamp > (candles[index - 1]?.timestamp ?? 0);
        const isInside = low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && Number.isFinite(high);
        return !isOrdered || !isInside || volume < 0 ? [name] : false;
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('misses candles here and there, and once for everybody', () => {
    const withHoles = listed.filter(({ candles }) =>
      candles.some(({ timestamp }, index) => index > 0 && timestamp - (candles[index - 1]?.timestamp ?? 0) > INTERVAL_S),
    );
    expect(withHoles.length).toBeGreaterThan(listed.length / 3);
    const inOutage = listed.flatMap(({ candles }) => candles.filter(({ timestamp }) => timestamp === 1_756_684_800 + 19 * 86_400 + 7_200));
    expect(inOutage).toEqual([]);
  });

  it('has tokens that die: their price stands still, nothing is traded, and their data ends', () => {
    const dead = listed.filter(({ diedS }) => diedS !== undefined);
    expect(dead.length).toBeGreaterThan(5);
    for (const { candles, diedS = 0 } of dead) {
      const tail = candles.filter(({ timestamp }) => timestamp >= diedS);
      expect(new Set(tail.map(({ close }) => close)).size).toBeLessThanOrEqual(1);
      expect(tail.every(({ volume }) => volume === 0)).toBe(true);
    }
  });

  it('has calls about tokens without candles and calls whose data ends before two days are over', () => {
    const ends = new Map(market.tokens.map(({ name, candles }) => [name, candles.at(-1)?.timestamp]));
    expect(market.calls.some(({ token }) => ends.get(token) === undefined)).toBe(true);
    const cutShort = market.calls.filter(({ token, callTs }) => callTs + HORIZON_S > (ends.get(token) ?? Number.POSITIVE_INFINITY));
    expect(cutShort.length).toBeGreaterThan(20);
  });

  it('spans tokens from tiny fractions of a cent to several dollars', () => {
    const closes = listed.map(({ candles }) => candles[0]?.close ?? 1);
    expect(Math.min(...closes)).toBeLessThan(1e-5);
    expect(Math.max(...closes)).toBeGreaterThan(1);
  });

  it('has callers of different skill', () => {
    expect(market.calls.length).toBeGreaterThan(400);
    expect(toDoublingShare(market, 'early_bird')).toBeGreaterThan(0.3);
    expect(toDoublingShare(market, 'early_bird')).toBeGreaterThan(2 * toDoublingShare(market, 'spray_and_pray'));
    expect(toDoublingShare(market, 'patient_hunter')).toBeGreaterThan(toDoublingShare(market, 'paid_promoter'));
    expect(toDoublingShare(market, 'graveyard_shift')).toBe(0);
  });

  it('is another market for another seed', () => {
    expect(buildMarket(SEED + 1).calls).not.toEqual(market.calls);
  });
});

describe('the files of the generated market', () => {
  const dirs = [0, 1].map(() => mkdtempSync(path.join(tmpdir(), 'quantbot-market-')));
  const [dir = '', again = ''] = dirs;
  let summary: MarketSummary;
  beforeAll(async () => {
    summary = await generateMarket({ seed: SEED, dir });
    await generateMarket({ seed: SEED, dir: again });
  });
  afterAll(() => {
    for (const folder of dirs) rmSync(folder, { recursive: true });
  });

  it('are the same bytes on each run', () => {
    expect(hashFolder(again, (file) => readFileSync(file))).toBe(hashFolder(dir, (file) => readFileSync(file)));
  });

  it('hold the same market on each machine', () => {
    // Recorded once: a machine or a Node that computes a price differently shows it here.
    expect(hashFolder(dir, readContent)).toMatchInlineSnapshot(`"dd03d6f8c430f0a7f8075a11f355988f3029327a3061230bcdff0206e1bd43af"`);
  });

  it('fit in 15 MB and hold what the summary says', () => {
    expect(summary.bytes).toBeLessThan(15_000_000);
    const files = readdirSync(summary.candlesDir);
    expect(files).toHaveLength(summary.tokens);
    const rows = files.map(
      (name) =>
        gunzipSync(readFileSync(path.join(summary.candlesDir, name)))
          .toString()
          .trimEnd()
          .split('\n').length - 1,
    );
    expect(rows.reduce((total, count) => total + count, 0)).toBe(summary.candles);
    expect(readFileSync(summary.callsPath, 'utf8').trimEnd().split('\n')).toHaveLength(summary.calls + 1);
  });

  it('write small prices without an exponent', () => {
    const name = readdirSync(summary.candlesDir)[0] ?? '';
    const text = gunzipSync(readFileSync(path.join(summary.candlesDir, name))).toString();
    expect(text.split('\n')[0]).toBe('timestamp,open,high,low,close,volume');
    expect(text.slice(text.indexOf('\n'))).not.toMatch(/[eE]/);
  });
});

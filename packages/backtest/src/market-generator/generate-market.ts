/** A made-up market that behaves like a real one, for the demo and for tests: launches, runs, collapses, dead tokens, holes, callers. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { buildCalls, type GeneratedCall } from './callers.ts';
import { INTERVAL_S } from './price-walk.ts';
import { buildTokens, type MarketSpan, type Token } from './tokens.ts';
import { writeCalls, writeCandles } from './write-market.ts';

export interface GeneratedMarket {
  readonly tokens: readonly Token[];
  readonly calls: readonly GeneratedCall[];
}

export interface MarketSummary {
  readonly dir: string;
  readonly candlesDir: string;
  readonly callsPath: string;
  /** Tokens with candles; {@link tokensWithoutCandles} are only called. */
  readonly tokens: number;
  readonly tokensWithoutCandles: number;
  readonly candles: number;
  readonly calls: number;
  readonly callers: number;
  readonly intervalS: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly bytes: number;
}

/** Six weeks from 1 September 2025, 00:00 UTC. */
const MARKET_SPAN: MarketSpan = { startS: 1_756_684_800, endS: 1_756_684_800 + 42 * 86_400 };

/** The market in memory. A function of the seed alone. */
export function buildMarket(seed: number): GeneratedMarket {
  const tokens = buildTokens(seed, MARKET_SPAN);
  return { tokens, calls: buildCalls(seed, tokens, MARKET_SPAN) };
}

/**
 * Writes `candles/<token>_5m.csv.gz` (timestamp in seconds, open, high, low, close, volume) and `calls.csv` (call_ts in seconds,
 * caller, token) into a folder, byte for byte the same for the same seed. Files of the same names are overwritten.
 */
export async function generateMarket({ seed, dir }: { seed: number; dir: string }): Promise<MarketSummary> {
  await mkdir(dir, { recursive: true });
  const { tokens, calls } = buildMarket(seed);
  const listed = tokens.filter(({ candles }) => candles.length > 0);
  let bytes = 0;
  for (const token of listed) bytes += (await writeCandles(dir, token)).bytes;
  const callsFile = await writeCalls(dir, calls);
  return {
    dir,
    candlesDir: path.join(dir, 'candles'),
    callsPath: callsFile.path,
    tokens: listed.length,
    tokensWithoutCandles: tokens.length - listed.length,
    candles: listed.reduce((total, { candles }) => total + candles.length, 0),
    calls: calls.length,
    callers: new Set(calls.map(({ caller }) => caller)).size,
    intervalS: INTERVAL_S,
    startMs: MARKET_SPAN.startS * 1000,
    endMs: MARKET_SPAN.endS * 1000,
    bytes: bytes + callsFile.bytes,
  };
}

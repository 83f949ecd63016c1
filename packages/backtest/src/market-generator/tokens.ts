/** The tokens of the market: who is launched when, at which price, what becomes of it, and what its data lacks. */
import type { Candle } from '@quantbot/core';
import { INTERVAL_S, walkPrice, type Pump } from './price-walk.ts';
import { createRandom, type Random } from './random.ts';
import { buildLife, type LifeKind } from './token-life.ts';

export interface Token {
  readonly name: string;
  readonly kind: LifeKind;
  /** Empty for a token that callers talk about and no source has candles of. */
  readonly candles: readonly Candle[];
  readonly pumps: readonly Pump[];
  readonly diedS?: number;
}

export interface MarketSpan {
  readonly startS: number;
  readonly endS: number;
}

const DAY_S = 86_400;
const COUNTS: readonly (readonly [LifeKind, number])[] = [
  ['pump', 22],
  ['runner', 6],
  ['bleeder', 28],
  ['dead', 20],
  ['sideways', 10],
];
const WITHOUT_CANDLES = 6;
/** Source outage: every token misses these candles. Offsets from the market's start. */
const OUTAGE: MarketSpan = { startS: 19 * DAY_S + 7_200, endS: 19 * DAY_S + 9_900 };

const FIRST_WORDS = [
  'MOON',
  'FROG',
  'PUMP',
  'BABY',
  'TURBO',
  'GIGA',
  'LASER',
  'COSMO',
  'WOOF',
  'MEOW',
  'PIXEL',
  'NOODLE',
  'GHOST',
  'ROCKET',
];
const SECOND_WORDS = ['CAT', 'DOGE', 'APE', 'WIF', 'CHAD', 'PEPPER', 'ORCA', 'LLAMA'];
/** Decimal scales of launch prices; a few tokens are dear, most cost a fraction of a cent. */
const SCALES = [1e-6, 1e-6, 1e-5, 1e-5, 1e-5, 1e-4, 1e-4, 1e-3, 1e-2, 1e-1, 1];

/** All tokens, in a fixed order. Each has its own stream of chance. */
export function buildTokens(seed: number, span: MarketSpan): readonly Token[] {
  const kinds = COUNTS.flatMap(([kind, count]) => Array.from({ length: count }, () => kind));
  const listed = kinds.map((kind, index) => buildToken(toName(index), kind, { seed, span }));
  const unlisted = Array.from({ length: WITHOUT_CANDLES }, (_, index) => toName(kinds.length + index));
  return [...listed, ...unlisted.map((name): Token => ({ name, kind: 'dead', candles: [], pumps: [] }))];
}

function buildToken(name: string, kind: LifeKind, { seed, span }: { seed: number; span: MarketSpan }): Token {
  const random = createRandom(seed, `token ${name}`);
  const latestStart = span.endS - (kind === 'runner' || kind === 'sideways' ? 12 : 3) * DAY_S;
  const startS = span.startS + Math.floor((random.next() * (latestStart - span.startS)) / INTERVAL_S) * INTERVAL_S;
  const startPrice = random.pick(SCALES) * random.between(1, 9);
  const walk = walkPrice({ phases: buildLife(kind, random), startS, endS: span.endS, startPrice }, random);
  const candles = dropCandles(walk.candles, { span, random });
  return { name, kind, candles, pumps: walk.pumps, ...(walk.diedS === undefined ? {} : { diedS: walk.diedS }) };
}

/** Holes as real sources have them: an outage of all, a few longer ones of each token, and single candles without a trade. */
function dropCandles(candles: readonly Candle[], { span, random }: { span: MarketSpan; random: Random }): readonly Candle[] {
  const holes = Array.from({ length: random.integer(0, 4) }, () => {
    const at = random.integer(1, Math.max(1, candles.length - 1));
    return { from: at, to: at + random.integer(1, 30) };
  });
  const silence = random.chance(0.4) ? random.between(0.02, 0.3) : 0;
  return candles.filter((candle, index) => {
    const offsetS = candle.timestamp - span.startS;
    const isOut = offsetS >= OUTAGE.startS && offsetS < OUTAGE.endS;
    const isInHole = holes.some(({ from, to }) => index >= from && index < to);
    const isSilent = candle.volume === 0 && random.chance(silence);
    return !isOut && !isInHole && !isSilent;
  });
}

function toName(index: number): string {
  const first = FIRST_WORDS[index % FIRST_WORDS.length] ?? '';
  const second = SECOND_WORDS[Math.floor(index / FIRST_WORDS.length) % SECOND_WORDS.length] ?? '';
  return `${first}${second}`;
}

/** Turns the phases of a token's life into candles, minute by minute, and notes when the pumps were. */
import type { Candle } from '@quantbot/core';
import type { Random } from './random.ts';
import type { Phase } from './token-life.ts';

export interface Pump {
  readonly startS: number;
  readonly peakS: number;
  /** Price at the peak ÷ price at the start. */
  readonly multiple: number;
}

export interface Walk {
  /** Every {@link INTERVAL_S} seconds, without holes; prices with six significant digits. */
  readonly candles: readonly Candle[];
  readonly pumps: readonly Pump[];
  /** Opening time of the first candle of the flat, zero-volume end; absent when the token is alive. */
  readonly diedS?: number;
}

export interface WalkRequest {
  readonly phases: readonly Phase[];
  readonly startS: number;
  /** No candle opens at or after this time. */
  readonly endS: number;
  readonly startPrice: number;
}

export const INTERVAL_S = 300;
const MINUTE_S = 60;
const MINUTES_PER_CANDLE = INTERVAL_S / MINUTE_S;

interface Minute {
  readonly price: number;
  readonly next: number;
  /** Lowest trade ÷ price: 1 in most minutes. */
  readonly wick: number;
  readonly volume: number;
}

type Growing = { -readonly [Key in keyof Candle]: Candle[Key] };

/** The walk of one token. The same request and the same state of chance give the same candles. */
export function walkPrice(request: WalkRequest, random: Random): Walk {
  const candles: Growing[] = [];
  const pumps: Pump[] = [];
  const totalMinutes = Math.floor((request.endS - request.startS) / MINUTE_S);
  const toTime = (minute: number): number => request.startS + Math.floor(minute / MINUTES_PER_CANDLE) * INTERVAL_S;
  let price = request.startPrice;
  let minute = 0;
  let diedS: number | undefined;
  for (const phase of request.phases) {
    const start = { price, minute };
    const end = Math.min(totalMinutes, minute + Math.floor(phase.maxMinutes));
    if (phase.mood === 'flat') diedS = toTime(minute + MINUTES_PER_CANDLE);
    while (minute < end && !isOver(phase, price / start.price)) {
      const next = stepPrice(phase, { price, startPrice: start.price }, random);
      addMinute(candles, toTime(minute), {
        price,
        next,
        wick: findWick(phase, random),
        volume: stepVolume(phase, { price, next }, random),
      });
      price = next;
      minute += 1;
    }
    if (phase.mood === 'pump') pumps.push({ startS: toTime(start.minute), peakS: toTime(minute), multiple: price / start.price });
  }
  return { candles: candles.map(toRounded), pumps, ...(diedS === undefined ? {} : { diedS }) };
}

function isOver(phase: Phase, multiple: number): boolean {
  if (phase.untilMultiple === undefined) return false;
  return phase.untilMultiple > 1 ? multiple >= phase.untilMultiple : multiple <= phase.untilMultiple;
}

function stepPrice(phase: Phase, { price, startPrice }: { price: number; startPrice: number }, random: Random): number {
  if (phase.mood === 'flat') return price;
  // Sideways is pulled back to where it began, so that weeks of it do not wander off.
  const pull = phase.mood === 'sideways' ? 0.0015 * (startPrice / price - 1) : 0;
  const change = phase.drift + pull + phase.volatility * random.normal();
  // Half in a minute at most: a price can fall for ever without reaching zero.
  return price * (1 + Math.max(-0.5, Math.min(0.5, change)));
}

/** One large sale into a thin book: the price is down and back within the minute, and tight stops are gone. */
function findWick(phase: Phase, random: Random): number {
  return phase.mood !== 'flat' && random.chance(0.0012) ? 1 - random.between(0.03, 0.16) : 1;
}

function stepVolume(phase: Phase, { price, next }: { price: number; next: number }, random: Random): number {
  if (phase.minuteVolume === 0 || (phase.mood === 'bleed' && random.chance(0.45))) return 0;
  const excitement = 1 + 60 * Math.abs(next / price - 1);
  return phase.minuteVolume * excitement * random.between(0.2, 1.8);
}

function addMinute(candles: Growing[], timestamp: number, minute: Minute): void {
  const { price, next, wick, volume } = minute;
  let candle = candles.at(-1);
  if (candle?.timestamp !== timestamp) {
    candle = { timestamp, open: price, high: price, low: price, close: price, volume: 0 };
    candles.push(candle);
  }
  candle.high = Math.max(candle.high, next);
  candle.low = Math.min(candle.low, next * wick);
  candle.close = next;
  candle.volume += volume;
}

function toRounded(candle: Candle): Candle {
  return {
    timestamp: candle.timestamp,
    open: roundPrice(candle.open),
    high: roundPrice(candle.high),
    low: roundPrice(candle.low),
    close: roundPrice(candle.close),
    volume: Math.round(candle.volume * 100) / 100,
  };
}

/** Six significant digits hide what two machines might compute differently in the last bit; rounding keeps low ≤ open, close ≤ high. */
function roundPrice(price: number): number {
  return Number(price.toPrecision(6));
}

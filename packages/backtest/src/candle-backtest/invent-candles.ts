/** Invented hourly candles with trends, quiet stretches and sudden moves, so that strategies of every kind find something to do. */
import type { CandleColumns } from '@quantbot/core';
import { createRandom, type Random } from '../market-generator/random.ts';

export const INVENTED_INTERVAL_S = 3600;
const FIRST_TIMESTAMP = Date.UTC(2024, 0, 1) / 1000;

export interface InventedMarket {
  readonly seed?: number;
  readonly candles?: number;
  readonly startPrice?: number;
  /** Standard deviation of one candle's return in a quiet stretch. */
  readonly volatility?: number;
}

/** The same question gives the same candles on every machine. */
export function inventCandles({ seed = 1, candles = 4000, startPrice = 1.1, volatility = 0.001 }: InventedMarket = {}): CandleColumns {
  const random = createRandom(seed, 'candles');
  const columns = {
    timestamp: new BigInt64Array(candles),
    open: new Float64Array(candles),
    high: new Float64Array(candles),
    low: new Float64Array(candles),
    close: new Float64Array(candles),
    volume: new Float64Array(candles),
  };
  let price = startPrice;
  let mood = chooseMood(random);
  for (let row = 0; row < candles; row += 1) {
    if (mood.candlesLeft === 0) mood = chooseMood(random);
    mood.candlesLeft -= 1;
    const noise = volatility * mood.unrest;
    const close = price * (1 + noise * (mood.drift + random.normal()));
    columns.timestamp[row] = BigInt(FIRST_TIMESTAMP + row * INVENTED_INTERVAL_S);
    columns.open[row] = price;
    columns.close[row] = close;
    columns.high[row] = Math.max(price, close) * (1 + noise * random.next());
    columns.low[row] = Math.min(price, close) * (1 - noise * random.next());
    columns.volume[row] = Math.round(1000 * mood.unrest * random.between(0.5, 1.5));
    price = close;
  }
  return columns;
}

interface Mood {
  candlesLeft: number;
  /** Mean return in units of the noise. */
  readonly drift: number;
  readonly unrest: number;
}

function chooseMood(random: Random): Mood {
  return {
    candlesLeft: random.integer(40, 240),
    drift: random.pick([-0.25, -0.1, 0, 0, 0.1, 0.25]),
    unrest: random.pick([0.5, 1, 1, 2.5]),
  };
}

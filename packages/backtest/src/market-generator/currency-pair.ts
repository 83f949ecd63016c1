/** A made-up currency pair for strategies on candles: hours of the working week, trends that come and go, no weekends. */
import type { Candle } from '@quantbot/core';
import { createRandom } from './random.ts';
import { writeCandles } from './write-market.ts';

const HOUR_S = 3600;
const DAY_S = 86_400;
const WEEKS = 104;
/** Sunday, 3 September 2023, 22:00 UTC: two years that end where the market of calls begins. */
const FIRST_OPENING_S = 1_693_778_400;
/** From Sunday evening to Friday evening. */
const OPEN_HOURS = 120;
const NAME = 'DEMO-USD';

/** Hourly candles; a function of the seed alone. */
function buildPair(seed: number): readonly Candle[] {
  const random = createRandom(seed, NAME);
  const candles: Candle[] = [];
  let price = 1.1;
  let drift = 0;
  let hoursLeft = 0;
  for (let week = 0; week < WEEKS; week += 1) {
    for (let hour = 0; hour < OPEN_HOURS; hour += 1) {
      if (hoursLeft === 0) {
        hoursLeft = random.integer(80, 500);
        drift = random.between(-0.00012, 0.00012) + 0.00006 * (1.1 / price - 1);
      }
      hoursLeft -= 1;
      const open = round(price);
      price *= 1 + drift + 0.0008 * random.normal();
      const close = round(price);
      const high = round(Math.max(open, close) * (1 + random.between(0, 0.0007)));
      const low = round(Math.min(open, close) * (1 - random.between(0, 0.0007)));
      const timestamp = FIRST_OPENING_S + week * 7 * DAY_S + hour * HOUR_S;
      candles.push({ timestamp, open, high, low, close, volume: random.integer(200, 4000) });
    }
  }
  return candles;
}

/** Writes them beside the candles of the market, as `candles/DEMO-USD_1h.csv.gz`. */
export async function generatePair({ seed, dir }: { seed: number; dir: string }): Promise<{ symbol: string; candles: number }> {
  const candles = buildPair(seed);
  await writeCandles(dir, { name: NAME, candles }, HOUR_S);
  return { symbol: NAME, candles: candles.length };
}

/** As quoted: five decimals. Rounding keeps low ≤ open, close ≤ high. */
function round(price: number): number {
  return Number(price.toFixed(5));
}

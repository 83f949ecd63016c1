/** Hourly candles for tests of the backtest commands: a price that swings like a currency pair, from 1 January 2024 on. */

const START_S = Date.UTC(2024, 0, 1) / 1000;
const HOUR_S = 3600;

/** Two swings of different length, so that averages cross in both directions within days. */
function toPrice(hour: number): number {
  return 1.1 + 0.01 * Math.sin(hour / 15) + 0.02 * Math.sin(hour / 130);
}

export function toPriceCsv(candles = 1500): string {
  const rows = Array.from({ length: candles }, (_, hour) => {
    const [open, close] = [toPrice(hour), toPrice(hour + 1)];
    return [START_S + hour * HOUR_S, open, Math.max(open, close) + 0.0005, Math.min(open, close) - 0.0005, close, 1000].join(',');
  });
  return `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`;
}

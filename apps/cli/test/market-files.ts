/** A small market on disk for tests of the command: four tokens of five-minute candles, three callers. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const MARKET_START_S = Date.UTC(2024, 0, 2) / 1000;
const INTERVAL_S = 300;
const TOKENS = ['PUMP', 'BLEED', 'WAVE', 'FLAT'] as const;
type Token = (typeof TOKENS)[number];

/** Price of a token, `hours` after the start. */
function toPrice(token: Token, hours: number): number {
  switch (token) {
    case 'PUMP':
      return 0.001 * (1 + (hours > 20 ? Math.min(hours - 20, 30) / 8 : 0));
    case 'BLEED':
      return 2 * 0.985 ** hours;
    case 'WAVE':
      return 50 + 20 * Math.sin(hours / 5);
    case 'FLAT':
      return 1;
  }
}

export function toCandleCsv(token: Token, candles = 1200): string {
  const rows = Array.from({ length: candles }, (_, index) => {
    const open = toPrice(token, (index * INTERVAL_S) / 3600);
    const close = toPrice(token, ((index + 1) * INTERVAL_S) / 3600);
    const [high, low] = [Math.max(open, close) * 1.001, Math.min(open, close) * 0.999];
    return [MARKET_START_S + index * INTERVAL_S, open, high, low, close, 10].join(',');
  });
  return `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`;
}

/** Calls every three hours, by a good, a bad and a mixed caller. */
export function toCallCsv(): string {
  const rows = Array.from({ length: 16 }, (_, index) => {
    const callTs = MARKET_START_S + index * 3 * 3600 + 60;
    return [
      `${String(callTs)},good,PUMP`,
      `${String(callTs + 7)},bad,BLEED`,
      `${String(callTs + 11)},mixed,${index % 2 === 0 ? 'WAVE' : 'FLAT'}`,
    ];
  });
  return `call_ts,caller,token\n${rows.flat().join('\n')}\n`;
}

/** Writes candles/<token>_5m.csv and calls.csv. */
export async function writeMarketFiles(dir: string): Promise<void> {
  await mkdir(join(dir, 'candles'), { recursive: true });
  for (const token of TOKENS) await writeFile(join(dir, 'candles', `${token}_5m.csv`), toCandleCsv(token));
  await writeFile(join(dir, 'calls.csv'), toCallCsv());
}

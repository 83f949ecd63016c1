/** What the name of a candle file says: `ETHFI-USDT_5m.csv.gz` holds 5-minute candles of ETHFI-USDT. */
import { parseInterval } from '@quantbot/core';
import { toStem } from './find-files.ts';

export interface FileNameHint {
  readonly instrument: string;
  readonly intervalS?: number;
}

export function readFileName(path: string): FileNameHint {
  const stem = toStem(path);
  const match = /^(.+)[_-]([1-9]\d{0,5}[smhdw])$/.exec(stem);
  const [, instrument, interval] = match ?? [];
  if (instrument === undefined || interval === undefined) return { instrument: stem };
  return { instrument, intervalS: parseInterval(interval) };
}

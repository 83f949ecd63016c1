/** Writes the market as the files that a user would bring: one gzip CSV of candles a token, one CSV of calls. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { toIntervalLabel, type Candle } from '@quantbot/core';
import type { GeneratedCall } from './callers.ts';
import { INTERVAL_S } from './price-walk.ts';
import type { Token } from './tokens.ts';

const compress = promisify(gzip);

/** Byte of the gzip header that names the system; zlib writes its own, 255 is "unknown". */
const GZIP_SYSTEM_BYTE = 9;

export async function writeCandles(
  dir: string,
  token: Pick<Token, 'name' | 'candles'>,
  intervalS = INTERVAL_S,
): Promise<{ path: string; bytes: number }> {
  const rows = token.candles.map(toCsvRow);
  const content = await toStableGzip(`timestamp,open,high,low,close,volume\n${rows.join('')}`);
  const file = path.join(dir, 'candles', `${token.name}_${toIntervalLabel(intervalS)}.csv.gz`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  return { path: file, bytes: content.length };
}

export async function writeCalls(dir: string, calls: readonly GeneratedCall[]): Promise<{ path: string; bytes: number }> {
  const rows = calls.map(({ callTs, caller, token }) => `${String(callTs)},${caller},${token}\n`);
  const content = `call_ts,caller,token\n${rows.join('')}`;
  const file = path.join(dir, 'calls.csv');
  await writeFile(file, content);
  return { path: file, bytes: content.length };
}

function toCsvRow({ timestamp, open, high, low, close, volume }: Candle): string {
  return `${String(timestamp)},${toDecimal(open)},${toDecimal(high)},${toDecimal(low)},${toDecimal(close)},${String(volume)}\n`;
}

/** Without an exponent: spreadsheets and many importers do not read 1.2e-7. */
function toDecimal(price: number): string {
  const text = String(price);
  const exponent = /e-(\d+)$/.exec(text)?.[1];
  return exponent === undefined ? text : price.toFixed(Number(exponent) + 5);
}

/**
 * The same bytes on every machine. zlib's search for repeats differs between processors (vector instructions change the
 * hash), plain Huffman coding does not; on digits it costs a fifth more room.
 */
async function toStableGzip(text: string): Promise<Buffer> {
  const content = await compress(text, { level: 6, strategy: constants.Z_HUFFMAN_ONLY });
  content[GZIP_SYSTEM_BYTE] = 255;
  return content;
}

/** A download on its way into the catalogue: complete pages in one CSV file, which is then imported like any other. */
import { open, type FileHandle } from 'node:fs/promises';
import { AppError, toIntervalLabel, type CandleRequest, type SourceCandle, type SourceCell } from '@quantbot/core';
import { toDiskError } from '../files/disk-error.ts';

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

export interface StagedCandles {
  readonly path: string;
  /** All rows of the page or, when it is refused, none. INVALID_MARKET_DATA when the candles are of a finer timeframe. */
  append(page: readonly SourceCandle[]): Promise<void>;
  finish(): Promise<StagedSummary>;
}

export interface StagedSummary {
  readonly rows: number;
  readonly lastS: number | undefined;
  /** Candles outside the range that was asked for; they are left out. */
  readonly outside: number;
  /** Candles that had not ended when they were fetched; they are left out, since they will still change. */
  readonly unfinished: number;
}

export async function openStagedCandles(path: string, request: CandleRequest, nowS: number): Promise<StagedCandles> {
  const file = await open(path, 'wx');
  const counts = { rows: 0, outside: 0, unfinished: 0 };
  let lastS: number | undefined;
  await file.writeFile(`timestamp,${FIELDS.join(',')}\n`);
  return {
    path,
    async append(page) {
      const inside = page.filter(({ timestampS }) => timestampS >= request.fromS && timestampS < request.toS);
      const finished = inside.filter(({ timestampS }) => timestampS + request.intervalS <= nowS);
      requireSpacing(finished, lastS, request);
      await write(file, path, finished.map(toLine).join(''));
      counts.rows += finished.length;
      counts.outside += page.length - inside.length;
      counts.unfinished += inside.length - finished.length;
      lastS = finished.at(-1)?.timestampS ?? lastS;
    },
    async finish() {
      await file.close();
      return { ...counts, lastS };
    },
  };
}

async function write(file: FileHandle, path: string, text: string): Promise<void> {
  try {
    await file.writeFile(text);
  } catch (error) {
    throw toDiskError(error, path);
  }
}

/** A source that does not care for the timeframe would fill the series with candles of another. Rows out of order are left to the catalogue. */
function requireSpacing(page: readonly SourceCandle[], lastS: number | undefined, { symbol, intervalS }: CandleRequest): void {
  let beforeS = lastS;
  for (const { timestampS } of page) {
    const stepS = beforeS === undefined ? intervalS : timestampS - beforeS;
    if (stepS > 0 && stepS < intervalS) {
      const at = new Date(timestampS * 1000).toISOString();
      throw new AppError(
        'INVALID_MARKET_DATA',
        `expected candles of ${symbol} every ${toIntervalLabel(intervalS)}, found one ${String(stepS)} s after another (${at}); nothing of them was stored. Ask for the timeframe that the source has`,
      );
    }
    beforeS = timestampS;
  }
}

function toLine(candle: SourceCandle): string {
  const cells = FIELDS.map((field) => toCell(field === 'volume' ? (candle.volume === undefined ? 0 : candle.volume) : candle[field]));
  return `${String(candle.timestampS)},${cells.join(',')}\n`;
}

function toCell(cell: SourceCell): string {
  if (cell === null) return '';
  return typeof cell === 'number' ? String(cell) : `"${cell.replaceAll('"', '""')}"`;
}

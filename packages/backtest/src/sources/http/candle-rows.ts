/** The body of a candle server's answer → rows. Arrays or objects; seconds, milliseconds, microseconds or ISO times. */
import { CANDLE_FIELDS, matchNames, type ColumnMapping, type SourceCandle, type SourceCell } from '@quantbot/core';
import { z } from 'zod';

/** The same borders as in the catalogue: numbers below are seconds (until 5138), then milliseconds, then microseconds. */
const MS_FROM = 1e11;
const US_FROM = 1e14;

/** Keys under which servers put the list, the likeliest first. */
const LIST_KEYS = ['candles', 'data', 'rows', 'items', 'result', 'bars', 'ohlcv'];

const CellSchema = z.union([z.number(), z.string(), z.null()]);
const ArrayRowSchema = z.array(z.unknown()).min(5);
const ObjectRowSchema = z.record(z.string(), z.unknown());

/** What is wrong with an answer that has the wrong shape. */
export class RowShapeError extends Error {
  override readonly name = 'RowShapeError';
}

/** In order of time; a list that comes newest first is turned round. Throws RowShapeError. */
export function readCandleRows(body: unknown, mapping: ColumnMapping): readonly SourceCandle[] {
  const rows = findRows(body);
  const candles = rows.map((row, index) => readRow(row, index, mapping));
  const [first, last] = [candles[0], candles.at(-1)];
  return first !== undefined && last !== undefined && first.timestampS > last.timestampS ? candles.toReversed() : candles;
}

function findRows(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body;
  const fields = ObjectRowSchema.safeParse(body).data ?? {};
  for (const key of LIST_KEYS) {
    const list = fields[key];
    if (Array.isArray(list)) return list;
  }
  const found = Object.keys(fields).slice(0, 10).join(', ');
  throw new RowShapeError(
    `expected a list of candles, or an object with one under ${LIST_KEYS.slice(0, 3).join(', ')}; found ${found === '' ? typeof body : `the keys ${found}`}`,
  );
}

function readRow(row: unknown, index: number, mapping: ColumnMapping): SourceCandle {
  const cells = ArrayRowSchema.safeParse(row);
  const place = `candle ${String(index + 1)} of the answer`;
  if (cells.success) {
    const [time, open, high, low, close, volume] = cells.data;
    return toCandle({ time, open, high, low, close, volume }, place);
  }
  const fields = ObjectRowSchema.safeParse(row);
  if (!fields.success || Array.isArray(row)) {
    throw new RowShapeError(
      `${place}: expected [time, open, high, low, close, volume] or an object, found ${JSON.stringify(row).slice(0, 80)}`,
    );
  }
  const { columns, missing } = matchNames(CANDLE_FIELDS, Object.keys(fields.data), mapping);
  if (missing.length > 0)
    throw new RowShapeError(
      `${place} has no ${missing.join(', ')}; its fields are ${Object.keys(fields.data).join(', ')}. Name them with --columns`,
    );
  const pick = (field: string): unknown => fields.data[columns[field] ?? ''];
  return toCandle(
    { time: pick('timestamp'), open: pick('open'), high: pick('high'), low: pick('low'), close: pick('close'), volume: pick('volume') },
    place,
  );
}

function toCandle(raw: Readonly<Record<'time' | 'open' | 'high' | 'low' | 'close' | 'volume', unknown>>, place: string): SourceCandle {
  const timestampS = readTime(raw.time);
  if (timestampS === undefined)
    throw new RowShapeError(`${place}: expected a time, found ${raw.time === undefined ? 'nothing' : JSON.stringify(raw.time)}`);
  const cell = (value: unknown): SourceCell => CellSchema.safeParse(value ?? null).data ?? JSON.stringify(value);
  return {
    timestampS,
    open: cell(raw.open),
    high: cell(raw.high),
    low: cell(raw.low),
    close: cell(raw.close),
    ...(raw.volume === undefined ? {} : { volume: cell(raw.volume) }),
  };
}

/** Unix seconds; a time without a zone is UTC. Undefined for what is no time. */
function readTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  if (Number.isFinite(Number(value))) return fromNumber(Number(value));
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/i.test(value.trim()) || /^\d{4}-\d{2}-\d{2}$/.test(value.trim());
  const ms = Date.parse(hasZone ? value.trim() : `${value.trim()}Z`);
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

function fromNumber(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (Math.abs(value) < MS_FROM) return value;
  return Math.abs(value) < US_FROM ? value / 1e3 : value / 1e6;
}

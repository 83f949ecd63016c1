/** What can be wrong with a candle (docs/assumptions.md, market data): as SQL, and in words. */
import type { Row } from '../../duckdb/session.ts';
import { describeTimeFault, timeFaultSql, type TimeContext } from './time-faults.ts';

export const CANDLE_PRICES = ['open', 'high', 'low', 'close'] as const;

/** A row's first fault, as a word that `describeCandleFault` turns into a sentence; null for a good row. */
export function candleFaultSql(): string {
  const prices = CANDLE_PRICES.map((name) => `WHEN ${name} IS NULL OR NOT isfinite(${name}) OR ${name} <= 0 THEN '${name}'`);
  return `CASE
    WHEN instrument IS NULL THEN 'instrument'
    ${timeFaultSql()}
    WHEN micros % 1000000 <> 0 THEN 'subsecond'
    ${prices.join('\n')}
    WHEN high < low THEN 'high_low'
    WHEN open NOT BETWEEN low AND high THEN 'open_range'
    WHEN close NOT BETWEEN low AND high THEN 'close_range'
    WHEN volume IS NULL OR NOT isfinite(volume) OR volume < 0 THEN 'volume'
    WHEN micros = before_micros THEN 'duplicate'
    WHEN micros < before_micros THEN 'backwards'
  END`;
}

/** The cell as it stands in the file. */
function textOf(row: Row, field: string): string {
  const text = row[`${field}_text`];
  return typeof text === 'string' ? text : '';
}

function describeNumber(row: Row, field: string): string {
  const text = textOf(row, field);
  if (text === '') return `the ${field} is missing`;
  const value = Number(text);
  if (/^[+-]?(nan|inf(inity)?)$/i.test(text) || Math.abs(value) === Infinity) return `the ${field} is not finite: "${text}"`;
  if (Number.isNaN(value)) return `the ${field} is not a number: "${text}"`;
  return `the ${field} is ${field === 'volume' ? 'negative' : 'not positive'}: "${text}"`;
}

function describeOutside(row: Row, field: string): string {
  return `${field} ${textOf(row, field)} is outside low ${textOf(row, 'low')} to high ${textOf(row, 'high')}`;
}

function toIsoTime(micros: unknown): string {
  return new Date(Number(micros) / 1000).toISOString();
}

const DESCRIPTIONS: Readonly<Record<string, (row: Row) => string>> = {
  instrument: () => 'the instrument is missing',
  subsecond: (row) => `the timestamp ${textOf(row, 'timestamp')} is not a whole second`,
  high_low: (row) => `high ${textOf(row, 'high')} is below low ${textOf(row, 'low')}`,
  open_range: (row) => describeOutside(row, 'open'),
  close_range: (row) => describeOutside(row, 'close'),
  duplicate: (row) => `the timestamp ${textOf(row, 'timestamp')} is there twice`,
  backwards: (row) => `timestamps must increase: ${toIsoTime(row['micros'])} follows ${toIsoTime(row['before_micros'])}`,
  open: (row) => describeNumber(row, 'open'),
  high: (row) => describeNumber(row, 'high'),
  low: (row) => describeNumber(row, 'low'),
  close: (row) => describeNumber(row, 'close'),
  volume: (row) => describeNumber(row, 'volume'),
};

/** `row` has the word in `fault`, the cells as `<field>_text`, and the times `micros` and `before_micros`. */
export function describeCandleFault(row: Row, time: TimeContext): string {
  const fault = String(row['fault']);
  return DESCRIPTIONS[fault]?.(row) ?? describeTimeFault(fault, textOf(row, 'timestamp'), time);
}

/** Recognises how a column tells the time, and gives the SQL that turns it into Unix microseconds. */
import type { TimeUnit } from '@quantbot/core';
import type { DuckDbSession } from '../../duckdb/session.ts';
import type { SourceColumn } from '../source/source.ts';

/** Numbers from here on are milliseconds (from 1973 on), microseconds, or too large for a date; below it they are seconds (until 5138). */
const MS_FROM = '1e11';
const US_FROM = '1e14';
const US_UNTIL = '1e17';
/** As seconds the year 2001: a number from here to `MS_FROM` can hardly be meant as milliseconds (of the year 1970). */
const CERTAIN_SECONDS_FROM = '1e9';

const MICROS_PER = { s: 1_000_000, ms: 1000, us: 1 } as const;

/** Units that a column's name promises. */
const NAMED_UNITS: Readonly<Record<string, TimeUnit>> = { ts_ms: 'ms', call_ts: 's' };

export interface TimeReading {
  readonly unit: TimeUnit;
  /** Unix microseconds of the column `field`, BIGINT; null when the cell cannot be read in this unit. */
  readonly micros: string;
  /** The column's name, when it is the name that decides the unit. */
  readonly promisedBy?: string;
  /** True when the cell is a time, but not in this unit. */
  readonly isOtherUnit: string;
}

function isDateType(sqlType: string): boolean {
  return sqlType.startsWith('TIMESTAMP') || sqlType === 'DATE';
}

/** Which unit the size of a number speaks for. */
function sizeClass(number: string): string {
  return `CASE WHEN ${number} IS NULL OR NOT isfinite(${number}) OR ${number} >= ${US_UNTIL} THEN NULL WHEN ${number} >= ${US_FROM} THEN 'us' WHEN ${number} >= ${MS_FROM} THEN 'ms' ELSE 's' END`;
}

/** `20240501` in a column of dates is a day, not a second of August 1970. */
async function holdsCompactDates(session: DuckDbSession, table: string, asked: { field: string; column: SourceColumn }): Promise<boolean> {
  if (!asked.column.name.toLowerCase().includes('date')) return false;
  const [row] = await session.rows(
    `SELECT bool_and(try_strptime(trim(${asked.field}::VARCHAR), '%Y%m%d') IS NOT NULL) AS compact FROM ${table} WHERE ${asked.field} IS NOT NULL`,
  );
  return row?.['compact'] === true;
}

async function findMostFrequentUnit(session: DuckDbSession, table: string, field: string): Promise<TimeUnit> {
  const number = `TRY_CAST(${field} AS DOUBLE)`;
  const [row] = await session.rows(
    `SELECT coalesce(${sizeClass(number)}, CASE WHEN TRY_CAST(${field}::VARCHAR AS TIMESTAMPTZ) IS NOT NULL THEN 'datetime' END) AS unit, count(*) AS rows
     FROM ${table} GROUP BY unit HAVING unit IS NOT NULL ORDER BY rows DESC, unit LIMIT 1`,
  );
  const unit = row?.['unit'];
  return unit === 'ms' || unit === 'us' || unit === 'datetime' ? unit : 's';
}

function readDates(field: string, column: SourceColumn): TimeReading {
  const value = isDateType(column.sqlType) ? `${field}::TIMESTAMPTZ` : `TRY_CAST(trim(${field}::VARCHAR) AS TIMESTAMPTZ)`;
  const isNumber = isDateType(column.sqlType) ? 'false' : `TRY_CAST(${field} AS DOUBLE) IS NOT NULL`;
  return { unit: 'datetime', micros: `CASE WHEN isfinite(${value}) THEN epoch_us(${value}) END`, isOtherUnit: isNumber };
}

function readNumbers(field: string, unit: 's' | 'ms' | 'us', believeSmall: boolean): TimeReading {
  const number = `TRY_CAST(${field} AS DOUBLE)`;
  const isDate = `(${number} IS NULL AND TRY_CAST(${field}::VARCHAR AS TIMESTAMPTZ) IS NOT NULL)`;
  // A name that promises milliseconds is believed for small numbers, which made-up markets use.
  const small = believeSmall ? `${number} < ${CERTAIN_SECONDS_FROM}` : 'false';
  const isOtherSize = `(${sizeClass(number)} <> '${unit}' AND NOT (${small}))`;
  return {
    unit,
    micros: `CASE WHEN ${isOtherSize} THEN NULL ELSE TRY_CAST(${number} * ${String(MICROS_PER[unit])} AS BIGINT) END`,
    isOtherUnit: `(${isDate} OR coalesce(${isOtherSize}, false))`,
  };
}

/**
 * The unit is the one that most cells speak for. A column whose name promises one (`ts_ms`, `call_ts`) is read in that one,
 * and cells whose size contradicts it are reported.
 */
export async function readTimes(
  session: DuckDbSession,
  table: string,
  asked: { field: string; column: SourceColumn },
): Promise<TimeReading> {
  const { field, column } = asked;
  if (isDateType(column.sqlType)) return readDates(field, column);
  const named = NAMED_UNITS[column.name.trim().toLowerCase()];
  if (await holdsCompactDates(session, table, asked))
    return { unit: 'datetime', micros: `epoch_us(try_strptime(trim(${field}::VARCHAR), '%Y%m%d'))`, isOtherUnit: 'false' };
  const found = await findMostFrequentUnit(session, table, field);
  if (found === 'datetime') return readDates(field, column);
  if (named !== 'ms' && named !== 's') return readNumbers(field, found, false);
  return { ...readNumbers(field, named, named === 'ms'), promisedBy: column.name };
}

/** How a column of a table tells the time: the SQL that reads it as Unix seconds, and the bounds to compare it with. */
import { AppError } from '@quantbot/core';
import pg from 'pg';

const { builtins } = pg.types;
const NUMBERS: ReadonlySet<number> = new Set([builtins.INT4, builtins.INT8, builtins.NUMERIC, builtins.FLOAT8]);
const WITH_ZONE: ReadonlySet<number> = new Set([builtins.TIMESTAMPTZ]);
const WITHOUT_ZONE: ReadonlySet<number> = new Set([builtins.TIMESTAMP, builtins.DATE]);

/** The same borders as in the catalogue: numbers below are seconds (until 5138), then milliseconds, then microseconds. */
const MS_FROM = 1e11;
const US_FROM = 1e14;

export interface TableTime {
  /** Unix seconds of the column. */
  readonly secondsSql: string;
  /** `$n` with Unix seconds → something to compare the column with, so that its index is used. */
  readonly toBoundSql: (parameter: string) => string;
}

export function needsUnit(typeId: number): boolean {
  return NUMBERS.has(typeId);
}

/** `column` is quoted. `largest`: the latest time of a numeric column, whose size tells the unit. INVALID_REQUEST for another type. */
export function readTableTime(column: string, typeId: number, largest: number | undefined): TableTime {
  if (NUMBERS.has(typeId)) {
    const perSecond = toUnitsPerSecond(largest ?? 0);
    return {
      secondsSql: `${column}::float8 / ${String(perSecond)}`,
      toBoundSql: (parameter) => `${parameter}::float8 * ${String(perSecond)}`,
    };
  }
  if (WITH_ZONE.has(typeId))
    return { secondsSql: `extract(epoch FROM ${column})::float8`, toBoundSql: (parameter) => `to_timestamp(${parameter}::float8)` };
  // A time without a zone is UTC, whatever zone the server lives in.
  if (WITHOUT_ZONE.has(typeId))
    return {
      secondsSql: `extract(epoch FROM ${column})::float8`,
      toBoundSql: (parameter) => `(to_timestamp(${parameter}::float8) AT TIME ZONE 'UTC')`,
    };
  throw new AppError(
    'INVALID_REQUEST',
    `the column ${column} holds no times: expected timestamptz, timestamp, date, or a number of seconds or milliseconds`,
  );
}

function toUnitsPerSecond(largest: number): number {
  if (largest < MS_FROM) return 1;
  return largest < US_FROM ? 1_000 : 1_000_000;
}

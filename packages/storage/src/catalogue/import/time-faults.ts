/** What can be wrong with a time, the same for candles and calls: as SQL over the columns `micros`, `is_other_unit` and `is_time_missing`, and in words. */
import type { TimeUnit } from '@quantbot/core';

const UNIT_NAMES: Readonly<Record<TimeUnit, string>> = { s: 'seconds', ms: 'milliseconds', us: 'microseconds', datetime: 'dates' };

/** Branches of a CASE that give the word for the fault. */
export function timeFaultSql(): string {
  return `WHEN is_time_missing THEN 'time_missing' WHEN is_other_unit THEN 'time_unit' WHEN micros IS NULL THEN 'time_bad' WHEN micros < 0 THEN 'time_early'`;
}

function nameSize(text: unknown): string {
  const value = Number(text);
  if (!Number.isFinite(value)) return 'a date';
  if (value >= 1e14) return 'microseconds';
  return value >= 1e11 ? 'milliseconds' : 'seconds';
}

/** How the column is read: in a unit that its name decides, or that most cells speak for. */
export interface TimeContext {
  readonly unit: TimeUnit;
  readonly promisedBy?: string;
}

function describeOtherUnit(text: unknown, { unit, promisedBy }: TimeContext): string {
  const found = `the time ${String(text)} looks like ${nameSize(text)}`;
  if (promisedBy === undefined) return `${found}, but most times of the file are ${UNIT_NAMES[unit]}`;
  return `${found}, but the name of the column ${promisedBy} promises ${UNIT_NAMES[unit]}; rename the column, then its unit is recognised`;
}

export function describeTimeFault(fault: string, text: unknown, context: TimeContext): string {
  switch (fault) {
    case 'time_missing':
      return 'the time is missing';
    case 'time_unit':
      return describeOtherUnit(text, context);
    case 'time_early':
      return `the time ${String(text)} is before 1970`;
    default:
      return `not a time: "${String(text)}" (expected Unix seconds, milliseconds or microseconds, or a date such as 2024-05-01T12:00:00Z)`;
  }
}

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

/** `unit` is what the column is read as: by its name, or because most cells are. */
export function describeTimeFault(fault: string, text: unknown, unit: TimeUnit): string {
  switch (fault) {
    case 'time_missing':
      return 'the time is missing';
    case 'time_unit':
      return `the time ${String(text)} looks like ${nameSize(text)}, but the column is read as ${UNIT_NAMES[unit]}; use one unit, or map a column whose name does not promise another`;
    case 'time_early':
      return `the time ${String(text)} is before 1970`;
    default:
      return `not a time: "${String(text)}" (expected Unix seconds, milliseconds or microseconds, or a date such as 2024-05-01T12:00:00Z)`;
  }
}

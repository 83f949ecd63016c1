/** Text of flags → values, each refusal naming the flag, what was expected and what was found. */
import { AppError, PERIODS, type Period } from '@quantbot/core';

const DAY_MS = 86_400_000;

function refuse(flag: string, expected: string, found: string): never {
  throw new AppError('USAGE', `${flag}: expected ${expected}, found "${found}"`);
}

export function parseNumber(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) refuse(flag, 'a number', text);
  return value;
}

export function parseWholeNumber(flag: string, text: string, min: number): number {
  const value = parseNumber(flag, text);
  if (!Number.isSafeInteger(value) || value < min) refuse(flag, `a whole number of ${String(min)} or more`, text);
  return value;
}

export function parsePeriod(flag: string, text: string): Period {
  return PERIODS.find((each) => each === text) ?? refuse(flag, `one of ${PERIODS.join(', ')}`, text);
}

/** `a,b c` and `a b c` are the same list. */
export function parseNameList(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter(Boolean);
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/;

/** Unix milliseconds. A date without a time is its whole day in UTC: as an end, the day is included. */
export function parseTime(flag: string, text: string, bound: 'from' | 'to'): number {
  const isDate = DATE.test(text);
  if (!isDate && !DATE_TIME.test(text))
    refuse(flag, 'a date such as 2024-01-31, or a time such as 2024-01-31T12:00Z (UTC unless it says otherwise)', text);
  const withZone = isDate || /(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`;
  const ms = Date.parse(withZone);
  // Date.parse turns 31 February into March: a date that does not exist is a slip of the user.
  if (Number.isNaN(ms) || (isDate && new Date(ms).toISOString().slice(0, 10) !== text)) refuse(flag, 'a date that exists', text);
  return isDate && bound === 'to' ? ms + DAY_MS : ms;
}

/** For options that may be repeated, one value each time. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

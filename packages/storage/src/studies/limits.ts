/** Offset and limit of a page. */
import { AppError } from '@quantbot/core';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1_000;

function requireWhole(field: string, value: number, largest: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= largest) return value;
  throw new AppError('INVALID_REQUEST', `${field} is a whole number from 0 to ${String(largest)}, found ${String(value)}`);
}

/** INVALID_REQUEST for what is no whole number within bounds. */
export function toLimits(query: { readonly offset?: number; readonly limit?: number }): { offset: number; limit: number } {
  return {
    offset: requireWhole('offset', query.offset ?? 0, Number.MAX_SAFE_INTEGER),
    limit: requireWhole('limit', query.limit ?? DEFAULT_LIMIT, MAX_LIMIT),
  };
}

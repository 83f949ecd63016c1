/** What PostgreSQL says when candles are read from a table of the user's, in the codes of the catalogue of errors. Never with a password. */
import { AppError, type ErrorCode } from '@quantbot/core';
import { messageOf } from '../failures.ts';
import { isPassing } from '../studies/database/postgres-failures.ts';

/** USAGE for another kind of address. It is not repeated in the message: it may hold a password. */
export function describeDatabase(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !['postgres:', 'postgresql:'].includes(parsed.protocol)) {
    throw new AppError('USAGE', '--database-url: expected postgres://user:password@host:port/database, found another kind of address');
  }
  const host = parsed.searchParams.get('host') ?? (parsed.hostname === '' ? 'localhost' : parsed.hostname);
  return `the PostgreSQL database ${parsed.pathname.slice(1) || '(default)'} at ${host}`;
}

const CODES: readonly (readonly [sqlState: RegExp, code: ErrorCode, advice: string])[] = [
  [/^28/, 'UNAUTHENTICATED', 'Check user and password'],
  [/^42501$/, 'FORBIDDEN', 'The user needs the right to read the table'],
  [/^(42P01|3F000|3D000)$/, 'NOT_FOUND', 'Check the names of database, schema and table'],
  [/^22/, 'INVALID_REQUEST', 'Check which columns are named with --columns'],
  [/^42/, 'INVALID_REQUEST', 'Check which columns are named with --columns'],
  [/^57014$/, 'SOURCE_UNREACHABLE', 'The query took too long; an index on symbol and time helps'],
];

export function toTableError(error: unknown, place: string): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const sqlState = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = CODES.find(([pattern]) => pattern.test(sqlState));
  const reason = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
  if (known !== undefined) return new AppError(known[1], `${place}: ${reason}. ${known[2]}`, { cause: error });
  if (isPassing(error) || sqlState !== '')
    return new AppError(
      'SOURCE_UNREACHABLE',
      `no candles from ${place}: ${reason}. Check that PostgreSQL runs there and that the address is right`,
      { cause: error },
    );
  return error;
}

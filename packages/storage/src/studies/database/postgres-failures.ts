/** What PostgreSQL and the connection to it throw: what passes, what means a full disk, and how to say it. */
import { AppError } from '@quantbot/core';
import { messageOf, toAppError } from '../../failures.ts';

const LOST_CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOENT',
]);
const LOST_CONNECTION_TEXT =
  /connection terminated|not queryable|connection timeout|timeout exceeded when trying to connect|query read timeout|connection has been discarded|client was closed/i;
/** Shutting down, starting up, too many connections, connection exceptions; serialisation failure and deadlock. */
const PASSING_SQLSTATE = /^(08...|57P0[1-5]|53300|40001|40P01|55P03|25P03)$/;
const DISK_FULL_SQLSTATE = '53100';

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Another attempt may do better; this one may have been committed, or not. */
export function isPassing(error: unknown): boolean {
  if (error instanceof AppError) return false;
  if (error instanceof AggregateError) return error.errors.some(isPassing);
  const code = codeOf(error);
  return LOST_CONNECTION_CODES.has(code) || PASSING_SQLSTATE.test(code) || LOST_CONNECTION_TEXT.test(messageOf(error));
}

/** `place` names the database without its password. */
export function toPostgresError(error: unknown, doing: string, place: string): AppError {
  if (error instanceof AppError) return error;
  if (codeOf(error) === DISK_FULL_SQLSTATE) {
    return new AppError('DISK_FULL', `the disk of ${place} has no room for ${doing}; nothing was changed. Free some space and try again.`, {
      cause: error,
    });
  }
  if (isPassing(error)) {
    const reason = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
    return new AppError(
      'STORE_UNREACHABLE',
      `${doing} failed: no answer from ${place} (${reason}). Check that PostgreSQL runs there and that DATABASE_URL names it, then try again.`,
      {
        cause: error,
      },
    );
  }
  if (error instanceof SyntaxError)
    return new AppError('STORAGE_FAILED', `${doing} failed: ${place} holds a damaged study (${error.message}); restore it from a backup.`, {
      cause: error,
    });
  return toAppError(error, `${doing} (${place})`);
}

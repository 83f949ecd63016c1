/** Turns what DuckDB, SQLite and the file system throw into the codes of the catalogue of errors. */
import { AppError } from '@quantbot/core';

const DISK_FULL_TEXT = /no space left on device|enospc|disk quota exceeded|edquot|database or disk is full|disk is full/i;
const OUT_OF_MEMORY_TEXT = /^out of memory error/i;
/** What DuckDB and SQLite say of files that were cut off or overwritten. */
const DAMAGE_TEXT =
  /magic bytes|too small to be a parquet file|malformed|not a database|corrupt|invalid tprotocol|don't know what type|zstd|unexpected end/i;
const SQLITE_FULL = 13;

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isDiskFull(error: unknown): boolean {
  if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL) return true;
  return DISK_FULL_TEXT.test(messageOf(error));
}

/** `doing` completes the sentence "… failed", such as "writing the imported candles". An AppError stays as it is. */
export function toAppError(error: unknown, doing: string): AppError {
  if (error instanceof AppError) return error;
  if (isDiskFull(error)) {
    return new AppError('DISK_FULL', `the disk has no room for ${doing}; nothing was changed. Free some space and try again.`, {
      cause: error,
    });
  }
  if (OUT_OF_MEMORY_TEXT.test(messageOf(error))) {
    return new AppError('OUT_OF_MEMORY', `${doing} needs more memory than it may use; import the data in smaller files.`, { cause: error });
  }
  if (DAMAGE_TEXT.test(messageOf(error))) return toDamageError(doing, messageOf(error), error);
  return new AppError('STORAGE_FAILED', `${doing} failed: ${messageOf(error)}`, { cause: error });
}

/** For a file of the catalogue itself, which no run of ours leaves half written. */
export function toDamageError(doing: string, found: string, cause?: unknown): AppError {
  const [reason] = found.split('\n');
  return new AppError(
    'STORAGE_FAILED',
    `${doing} failed: a file of the catalogue is damaged (${reason ?? found}). Restore the folder data/ from a backup, or make a new workspace and import the files again.`,
    { cause },
  );
}

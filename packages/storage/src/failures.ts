/** Turns what DuckDB, SQLite and the file system throw into the codes of the catalogue of errors. */
import { AppError } from '@quantbot/core';

const DISK_FULL_TEXT = /no space left on device|enospc|disk quota exceeded|edquot|database or disk is full|disk is full/i;
const OUT_OF_MEMORY_TEXT = /^out of memory error/i;
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
  return new AppError('STORAGE_FAILED', `${doing} failed: ${messageOf(error)}`, { cause: error });
}

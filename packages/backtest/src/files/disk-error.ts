/** Tells a full disk apart from every other failure of writing. */
import { AppError } from '@quantbot/core';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Returns the error to throw: DISK_FULL for a full disk or quota, else the error itself. */
export function toDiskError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string' || !FULL.has(code)) return error;
  return new AppError(
    'DISK_FULL',
    `no room left on the disk while writing to ${path}; nothing was kept half done. Free some space and run the command again`,
    { cause: error },
  );
}

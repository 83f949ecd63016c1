/** Documents that were written for this machine, for callers elsewhere: where the workspace lies on the disk is not theirs to know. */
import { sep } from 'node:path';
import { AppError } from '@quantbot/core';

/** A copy in which paths below `root` are relative to it. */
export function toRelativePaths(value: unknown, root: string): unknown {
  if (typeof value === 'string') return value.replaceAll(`${root}${sep}`, '');
  if (Array.isArray(value)) return value.map((each) => toRelativePaths(each, root));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toRelativePaths(each, root)]));
}

/** The same error for callers: messages name files as they are found on this machine. */
export function hideRoot(error: unknown, root: string): unknown {
  if (!(error instanceof AppError)) return error;
  const details = toRelativePaths(error.details, root) as Record<string, unknown>;
  return new AppError(error.code, String(toRelativePaths(error.message, root)), { cause: error, details });
}

/** Documents that were written for this machine, for callers elsewhere: where the workspace lies on the disk is not theirs to know. */
import { sep } from 'node:path';

/** A copy in which paths below `root` are relative to it. */
export function toRelativePaths(value: unknown, root: string): unknown {
  if (typeof value === 'string') return value.replaceAll(`${root}${sep}`, '');
  if (Array.isArray(value)) return value.map((each) => toRelativePaths(each, root));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toRelativePaths(each, root)]));
}

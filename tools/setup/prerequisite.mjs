/** What set-up cannot bring by itself: said plainly, with exit code 75 and without a stack trace. */
import { statfsSync } from 'node:fs';

export const EXIT_MISSING_PREREQUISITE = 75;
const NEEDED_BYTES = 2 * 1024 ** 3;

/** Thrown when the machine lacks something. The message says what was expected, what was found and what to do. */
export class PrerequisiteError extends Error {
  /** @override */
  name = 'PrerequisiteError';
}

/**
 * Refuses to start an installation that would run out of room half-way.
 * @param {string} folder @param {number} [freeBytes] measured when absent
 */
export function checkFreeSpace(folder, freeBytes = findFreeBytes(folder)) {
  if (freeBytes >= NEEDED_BYTES) return;
  const freeGb = (freeBytes / 1024 ** 3).toFixed(1);
  throw new PrerequisiteError(
    `Set-up needs 2 GB of free disk space in ${folder}, and there are ${freeGb} GB.\nFree some space and run the same command again; it goes on where it stopped.`,
  );
}

/** @param {string} folder */
function findFreeBytes(folder) {
  try {
    const stats = statfsSync(folder);
    return stats.bavail * stats.bsize;
  } catch {
    // A file system that cannot say how full it is must not stop the set-up.
    return Number.POSITIVE_INFINITY;
  }
}

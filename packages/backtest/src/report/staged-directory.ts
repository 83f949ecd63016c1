/** Writes a set of files so that a folder never holds half of them: staged beside their place, forced to disk, then moved. */
import { mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '@quantbot/core';
import { toDiskError } from '../files/disk-error.ts';

export interface StagedFile {
  /** Plain file name, no folder. */
  readonly name: string;
  readonly content: string;
}

/**
 * A folder that does not exist yet appears complete or not at all. In a folder that exists each file is replaced in one step.
 * Throws AppError DISK_FULL (nothing is left behind), STORAGE_FAILED for any other failure of the file system.
 */
export async function writeStagedDirectory(dir: string, files: readonly StagedFile[]): Promise<void> {
  const target = resolve(dir);
  const isThere = await isDirectory(target);
  let staging: string | undefined;
  try {
    if (!isThere) await mkdir(dirname(target), { recursive: true });
    staging = await mkdtemp(isThere ? join(target, '.partial-') : join(dirname(target), `.${basename(target)}.partial-`));
    for (const { name, content } of files) await writeForced(join(staging, name), content);
    await forceDirectory(staging);
    if (isThere) for (const { name } of files) await rename(join(staging, name), join(target, name));
    else await rename(staging, target);
    await forceDirectory(isThere ? target : dirname(target));
  } catch (cause) {
    throw toWriteError(target, cause);
  } finally {
    if (staging !== undefined) await rm(staging, { recursive: true, force: true });
  }
}

/** The error of the catalogue for a failed write. */
export function toWriteError(target: string, cause: unknown): AppError {
  const known = toDiskError(cause, target);
  if (known instanceof AppError) return known;
  const found = cause instanceof Error ? cause.message : String(cause);
  return new AppError(
    'STORAGE_FAILED',
    `expected to write the report to ${target}, found: ${found}; check that the folder exists and may be written to`,
    { cause },
  );
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function writeForced(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
}

async function forceDirectory(path: string): Promise<void> {
  // Windows cannot open folders; there the rename alone has to do.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

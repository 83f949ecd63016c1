/** Files by names that callers gave: one folder deep at a time, nothing hidden, no links, nothing outside the root. */
import { constants } from 'node:fs';
import { lstat, open, readdir, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, FILE_NAME_PATTERN } from '@quantbot/core';

const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EISDIR', 'EINVAL']);

/** Checks a name that becomes part of a path. NOT_FOUND, as for any name that is not there: what is refused need not be told. */
export function toSafeName(name: string): string {
  if (FILE_NAME_PATTERN.test(name) && !name.includes('..')) return name;
  throw notFound();
}

export interface OpenFile {
  readonly handle: FileHandle;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Opens `root/name/name/...` for reading; each folder on the way is a real folder, and the file a plain file. NOT_FOUND otherwise. */
export async function openContainedFile(root: string, names: readonly string[]): Promise<OpenFile> {
  const folder = await findContainedFolder(root, names.slice(0, -1));
  const path = join(folder, toSafeName(names.at(-1) ?? ''));
  const handle = await orNotFound(open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
  const stats = await handle.stat();
  if (stats.isFile()) return { handle, bytes: stats.size, modifiedMs: stats.mtimeMs };
  await handle.close();
  throw notFound();
}

export async function readContainedText(
  root: string,
  names: readonly string[],
  maxBytes: number,
): Promise<{ text: string; modifiedMs: number }> {
  const { handle, bytes, modifiedMs } = await openContainedFile(root, names);
  try {
    if (bytes > maxBytes)
      throw new AppError('LIMIT_EXCEEDED', `the file has ${bytes} bytes, more than the ${maxBytes} that are read at once`);
    return { text: await handle.readFile('utf8'), modifiedMs };
  } finally {
    await handle.close();
  }
}

async function findContainedFolder(root: string, names: readonly string[]): Promise<string> {
  let folder = await orNotFound(realpath(root));
  for (const name of names) {
    folder = join(folder, toSafeName(name));
    const stats = await orNotFound(lstat(folder));
    if (!stats.isDirectory()) throw notFound();
  }
  return folder;
}

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Plain files and folders with safe names; links and everything else are left out. An absent root is empty. */
export async function listContained(root: string, names: readonly string[] = []): Promise<readonly FolderEntry[]> {
  const folder = names.length === 0 ? root : await findContainedFolder(root, names);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw error;
  });
  const listed = entries.filter((entry) => (entry.isFile() || entry.isDirectory()) && FILE_NAME_PATTERN.test(entry.name));
  const found = await Promise.all(
    listed.map(async (entry) => {
      const stats = await lstat(join(folder, entry.name)).catch(() => undefined);
      return stats === undefined ? [] : [{ name: entry.name, isFolder: entry.isDirectory(), bytes: stats.size, modifiedMs: stats.mtimeMs }];
    }),
  );
  return found.flat();
}

async function orNotFound<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw isGone(error) ? notFound() : error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && GONE.has(error.code);
}

function notFound(): AppError {
  return new AppError('NOT_FOUND', 'there is no such file or folder');
}

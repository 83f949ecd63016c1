/** Writes a set of files so that a folder never holds half of them: staged beside their place, forced to disk, then moved. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '@quantbot/core';
import { toDiskError } from '../files/disk-error.ts';

export interface StagedFile {
  /** File name, below a folder if it has a `/`. */
  readonly name: string;
  readonly content: string;
}

/** A file that has been written to the staging folder. */
export interface WrittenFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Takes text piece by piece. */
export interface TextSink {
  append(text: string): Promise<void>;
  close(): Promise<void>;
}

/** A file that only helps to make others. */
interface ScratchFile extends TextSink {
  readonly path: string;
  /** After `close`. */
  remove(): Promise<void>;
}

/** Nothing of it is seen before `commit`; disposing of it removes what was not committed. */
export interface StagedDirectory extends AsyncDisposable {
  openText(name: string): Promise<TextSink>;
  /** Must be removed before `commit`. */
  openScratch(name: string): Promise<ScratchFile>;
  /** For a program that writes the file itself: where. It is taken up by `adopt`. */
  toPath(name: string): string;
  adopt(name: string): Promise<void>;
  /** All files so far, in the order in which they were finished. */
  list(): readonly WrittenFile[];
  /** A folder that does not exist yet appears complete or not at all. In one that exists each file is replaced in one step. */
  commit(): Promise<void>;
}

/** Throws AppError DISK_FULL (nothing is left behind), STORAGE_FAILED for any other failure of the file system. */
export async function openStagedDirectory(dir: string): Promise<StagedDirectory> {
  const target = resolve(dir);
  const isThere = await isDirectory(target);
  const guard = createGuard(target);
  const outer = await guard(async () => {
    if (!isThere) await mkdir(dirname(target), { recursive: true });
    return mkdtemp(isThere ? join(target, '.partial-') : join(dirname(target), `.${basename(target)}.partial-`));
  });
  // The outer folder is readable by its owner alone, whatever the user's umask says; the one that is moved must not be.
  const staging = join(outer, 'files');
  const written: WrittenFile[] = [];
  const opened = new Set<FileHandle>();
  const prepare = async (name: string): Promise<string> => {
    const path = join(staging, name);
    await mkdir(dirname(path), { recursive: true });
    return path;
  };
  return {
    openText: (name) =>
      guard(async () => {
        const file = await openFile(await prepare(name), opened);
        return createSink(file, guard, (found) => void written.push({ name, ...found }));
      }),
    openScratch: (name) =>
      guard(async () => {
        const path = await prepare(name);
        const sink = createSink(await openFile(path, opened), guard, () => undefined);
        return { ...sink, path, remove: () => guard(() => rm(path)) };
      }),
    toPath: (name) => join(staging, name),
    adopt: (name) => guard(async () => void written.push({ name, ...(await forceAndHash(join(staging, name))) })),
    list: () => written,
    commit: () =>
      guard(async () => {
        const names = written.map(({ name }) => name);
        if (isThere) await moveFiles(staging, target, names);
        else await moveFolder(staging, target, names);
      }),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...opened].map((file) => file.close()));
      await rm(outer, { recursive: true, force: true });
    },
  };
}

/** Small files at once. Errors as `openStagedDirectory`. */
export async function writeStagedDirectory(dir: string, files: readonly StagedFile[]): Promise<void> {
  await using staged = await openStagedDirectory(dir);
  for (const { name, content } of files) await writeText(staged, name, content);
  await staged.commit();
}

export async function writeText(staged: StagedDirectory, name: string, content: string): Promise<void> {
  const sink = await staged.openText(name);
  await sink.append(content);
  await sink.close();
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

type Guard = <T>(action: () => Promise<T>) => Promise<T>;

function createGuard(target: string): Guard {
  return async (action) => {
    try {
      return await action();
    } catch (cause) {
      throw toWriteError(target, cause);
    }
  };
}

const CHUNK_CHARACTERS = 256 * 1024;

function createSink(file: FileHandle, guard: Guard, onClose: (found: Omit<WrittenFile, 'name'>) => void): TextSink {
  const hash = createHash('sha256');
  let [pending, bytes] = ['', 0];
  const flush = async (): Promise<void> => {
    const chunk = Buffer.from(pending, 'utf8');
    pending = '';
    bytes += chunk.length;
    hash.update(chunk);
    await guard(() => file.appendFile(chunk));
  };
  return {
    async append(text) {
      pending += text;
      if (pending.length >= CHUNK_CHARACTERS) await flush();
    },
    async close() {
      await flush();
      await guard(async () => {
        await file.sync();
        await file.close();
      });
      onClose({ bytes, sha256: hash.digest('hex') });
    },
  };
}

async function openFile(path: string, register: Set<FileHandle>): Promise<FileHandle> {
  const file = await open(path, 'wx');
  register.add(file);
  return file;
}

async function forceAndHash(path: string): Promise<Omit<WrittenFile, 'name'>> {
  const file = await open(path, 'r+');
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await file.sync();
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function moveFiles(staging: string, target: string, names: readonly string[]): Promise<void> {
  const folders = new Set(names.map((name) => dirname(join(target, name))));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  for (const name of names) await rename(join(staging, name), join(target, name));
  for (const folder of new Set([...folders, target])) await forceDirectory(folder);
}

async function moveFolder(staging: string, target: string, names: readonly string[]): Promise<void> {
  for (const folder of new Set([...names.map((name) => dirname(join(staging, name))), staging])) await forceDirectory(folder);
  await rename(staging, target);
  await forceDirectory(dirname(target));
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
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

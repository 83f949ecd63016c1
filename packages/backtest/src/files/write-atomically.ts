/** Replaces a small file as a whole: whoever reads it, at any time, sees the old content or the new one. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { toDiskError } from './disk-error.ts';

/** Temporary file beside the target, flushed, renamed. DISK_FULL; after any failure the old file is whole. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFlushed(temporary, text);
    await rename(temporary, path);
    await using folder = await open(dirname(path));
    await folder.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw toDiskError(error, path);
  }
}

async function writeFlushed(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx');
  await file.writeFile(text);
  await file.sync();
}

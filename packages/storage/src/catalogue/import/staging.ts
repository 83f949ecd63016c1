/** Files on their way into the catalogue: written in a folder of one import, flushed to the disk, then renamed into place. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const LONGEST_NAME = 120;

/** `data/staging/<process id>-<random>`; the process id lets the sweep see whether the import still runs. */
export async function createStagingFolder(dataDir: string): Promise<string> {
  const parent = join(dataDir, 'staging');
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, `${String(process.pid)}-`));
}

export async function removeStagingFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** A folder name for an instrument on any file system: letters, digits, `-`, `_` stay, all else becomes `%XX`. */
export function toFolderName(instrument: string): string {
  const safe = [...Buffer.from(instrument, 'utf8')]
    .map((byte) =>
      /[A-Za-z0-9_-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
  if (safe.length <= LONGEST_NAME) return safe;
  return `${safe.slice(0, LONGEST_NAME)}~${createHash('sha256').update(instrument).digest('hex').slice(0, 16)}`;
}

async function flush(path: string): Promise<void> {
  await using file = await open(path);
  await file.sync();
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * Makes a staged Parquet file durable and gives it its final place, `<folder>/<hash of its bytes>.parquet`, relative to the data folder.
 * Nothing reads it there before the catalogue names it. The new name is durable after `flushFolders`.
 */
export async function moveIntoPlace(context: { dataDir: string; moved: string[] }, stagedPath: string, folder: string): Promise<string> {
  const path = `${folder}/${(await hashFile(stagedPath)).slice(0, 32)}.parquet`;
  const target = join(context.dataDir, path);
  context.moved.push(path);
  await flush(stagedPath);
  await mkdir(dirname(target), { recursive: true });
  await rename(stagedPath, target);
  return path;
}

/** Makes the names of moved files durable: their folders, and the folders above that may be new. */
export async function flushFolders(context: { dataDir: string; moved: readonly string[] }): Promise<void> {
  const folders = new Set<string>();
  for (const path of context.moved) {
    for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  }
  for (const folder of folders) await flush(join(context.dataDir, folder));
}

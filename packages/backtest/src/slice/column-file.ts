/** One column of a slice while it is written: values appended series by series, the header filled in at the end. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { NPY_HEADER_BYTES, toNpyHeader, type NpyType } from './npy.ts';

export interface ColumnFile {
  append(values: Float64Array | BigInt64Array): Promise<void>;
  /** Writes the header, syncs, closes, and returns what the manifest says of the file. */
  finish(): Promise<{ name: string; dtype: NpyType; rows: number; sha256: string }>;
  /** Closes the file without finishing it. */
  abandon(): Promise<void>;
}

export async function createColumnFile(dir: string, column: string, dtype: NpyType): Promise<ColumnFile> {
  const name = `${column}.npy`;
  const path = join(dir, name);
  const file: FileHandle = await open(path, 'wx');
  let rows = 0;
  await file.write(Buffer.alloc(NPY_HEADER_BYTES));
  return {
    async append(values) {
      await file.writeFile(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
      rows += values.length;
    },
    async finish() {
      await file.write(toNpyHeader(dtype, rows), 0, NPY_HEADER_BYTES, 0);
      await file.sync();
      await file.close();
      return { name, dtype, rows, sha256: await hashFile(path) };
    },
    async abandon() {
      await file.close();
    },
  };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

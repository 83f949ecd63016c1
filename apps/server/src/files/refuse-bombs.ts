/** A small gzip file may unpack to more than any disk holds: it is unpacked into nothing first, up to a limit. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '@quantbot/core';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** PAYLOAD_TOO_LARGE for more than `maxBytes` unpacked. A damaged file passes: whoever imports it says what is wrong. */
export async function refuseBomb(path: string, maxBytes: number): Promise<void> {
  if (!(await isGzip(path))) return;
  let bytes = 0;
  const counter = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      done(
        bytes > maxBytes
          ? new AppError('PAYLOAD_TOO_LARGE', `the file unpacks to more than ${String(maxBytes)} bytes; send it in parts`)
          : null,
      );
    },
  });
  await pipeline(createReadStream(path), createGunzip(), counter).catch((error: unknown) => {
    if (error instanceof AppError) throw error;
  });
}

async function isGzip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(GZIP_MAGIC.length), 0, GZIP_MAGIC.length, 0);
  return bytesRead === GZIP_MAGIC.length && buffer.equals(GZIP_MAGIC);
}

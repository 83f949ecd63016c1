/** Looks at the beginning of a text file, gzipped or not, and takes its fingerprint. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '@quantbot/core';
import { messageOf } from '../../failures.ts';

const HEAD_BYTES = 1 << 18;

export interface TextFile {
  readonly path: string;
  readonly isGzip: boolean;
  /** The first quarter of a MiB as text, without a byte-order mark. */
  readonly head: string;
}

export function unreadable(path: string, reason: string, cause?: unknown): AppError {
  return new AppError('UNREADABLE_FILE', `${path}: ${reason}`, { cause });
}

/** FILE_NOT_FOUND unless the path is a file. */
export async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw new AppError('FILE_NOT_FOUND', `there is no file ${path}`, { cause: error });
  });
  if (!found.isFile()) throw new AppError('FILE_NOT_FOUND', `expected a file, found something else: ${path}`);
  if (found.size === 0) throw unreadable(path, 'the file is empty');
}

async function hasGzipMagic(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

/** The bytes of the text, unpacked. */
export function openText(path: string, isGzip: boolean): Readable {
  const raw = createReadStream(path);
  if (!isGzip) return raw;
  const text = createGunzip();
  raw.on('error', (error) => text.destroy(error));
  return raw.pipe(text);
}

async function readHead(path: string, isGzip: boolean): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of openText(path, isGzip)) {
    if (!(piece instanceof Buffer)) break;
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= HEAD_BYTES) break;
  }
  return Buffer.concat(pieces).subarray(0, HEAD_BYTES);
}

/** UNREADABLE_FILE for anything that is not UTF-8 text, and for a damaged gzip file. */
export async function openTextFile(path: string): Promise<TextFile> {
  await requireFile(path);
  const isGzip = await hasGzipMagic(path).catch((error: unknown) => {
    throw unreadable(path, messageOf(error), error);
  });
  const bytes = await readHead(path, isGzip).catch((error: unknown) => {
    throw unreadable(path, `the gzip file is damaged or cut off (${messageOf(error)})`, error);
  });
  if (bytes.includes(0)) throw unreadable(path, 'expected UTF-8 text, found binary data');
  try {
    // `stream` lets a character that the end of the head cuts in two pass.
    return { path, isGzip, head: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true }) };
  } catch (error) {
    throw unreadable(path, 'expected UTF-8 text, found bytes that are not', error);
  }
}

/** SHA-256 of the file. A gzip file is unpacked on the way, because DuckDB reads a cut-off one without complaint. */
export async function fingerprint(path: string, isGzip: boolean): Promise<string> {
  const hash = createHash('sha256');
  const sink = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  async function* tap(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    if (isGzip) await pipeline(createReadStream(path), tap, createGunzip(), sink);
    else await pipeline(createReadStream(path), tap, sink);
  } catch (error) {
    throw unreadable(path, isGzip ? `the gzip file is damaged or cut off (${messageOf(error)})` : messageOf(error), error);
  }
  return hash.digest('hex');
}

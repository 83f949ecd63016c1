/** Remembers the ETag of each page of candles, so that a range that did not change costs an answer without a body. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeAtomically } from '../../files/write-atomically.ts';

const MAX_PAGES = 20_000;

/** Opening times of the first and the last candle of the page, Unix seconds. */
const KnownPageSchema = z.strictObject({ etag: z.string(), first_s: z.number(), last_s: z.number() });
const MemorySchema = z.strictObject({ version: z.literal(1), pages: z.record(z.string(), KnownPageSchema) });

export type KnownPage = z.infer<typeof KnownPageSchema>;

export interface EtagMemory {
  find(url: URL): KnownPage | undefined;
  /** Held in memory until `save`: a page counts as known when its candles are stored. */
  note(url: URL, page: KnownPage): void;
  /** Writes what was noted since the last time. */
  readonly save: () => Promise<void>;
}

/** Addresses are kept as hashes, since they may hold keys. A file that cannot be read is a memory without entries. */
export async function openEtagMemory(path: string): Promise<EtagMemory> {
  const pages = new Map(Object.entries(await readPages(path)));
  const noted = new Map<string, KnownPage>();
  return {
    find: (url) => pages.get(toKey(url)),
    note: (url, page) => void noted.set(toKey(url), page),
    async save() {
      if (noted.size === 0) return;
      // The latest at the end: the oldest are the first to go.
      for (const [key, page] of noted) {
        pages.delete(key);
        pages.set(key, page);
      }
      noted.clear();
      const kept = [...pages].slice(-MAX_PAGES);
      await writeAtomically(path, `${JSON.stringify({ version: 1, pages: Object.fromEntries(kept) })}\n`);
    },
  };
}

function toKey(url: URL): string {
  return createHash('sha256').update(url.href).digest('hex');
}

async function readPages(path: string): Promise<Readonly<Record<string, KnownPage>>> {
  try {
    return MemorySchema.parse(JSON.parse(await readFile(path, 'utf8'))).pages;
  } catch {
    return {};
  }
}

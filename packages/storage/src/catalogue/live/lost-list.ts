/** The list of live files is gone while the files are there: an empty catalogue would be a silent loss. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toDamageError } from '../../failures.ts';

/** Throws STORAGE_FAILED. A new workspace has neither list nor files; the list is written before the first file. */
export async function refuseLostList(dataDir: string, databasePath: string): Promise<void> {
  const size = await stat(databasePath).then(
    (status) => status.size,
    () => 0,
  );
  if (size > 0) return;
  for (const folder of ['candles', 'calls']) {
    const files = await readdir(join(dataDir, folder), { recursive: true }).catch(() => []);
    if (!files.some((name) => name.endsWith('.parquet'))) continue;
    throw toDamageError('opening the catalogue', `${databasePath} is missing or empty, although ${folder}/ holds data`);
  }
}

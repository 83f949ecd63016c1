/** Run folders of studies: from a folder to the study that it belongs to. */
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '@quantbot/core';
import { z } from 'zod';

const ManifestSchema = z.looseObject({ study: z.looseObject({ id: z.string().min(1) }) });

/** The study's id if `text` is a folder, else undefined. Throws UNREADABLE_FILE for a folder that no study wrote. */
export async function findStudyOfRun(cwd: string, text: string): Promise<string | undefined> {
  const folder = resolve(cwd, text);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return undefined;
  const path = join(folder, 'manifest.json');
  try {
    return ManifestSchema.parse(JSON.parse(await readFile(path, 'utf8'))).study.id;
  } catch (cause) {
    throw new AppError(
      'UNREADABLE_FILE',
      `expected the run folder of a study, found no readable manifest.json in ${folder}; name the study by its id`,
      {
        cause,
      },
    );
  }
}

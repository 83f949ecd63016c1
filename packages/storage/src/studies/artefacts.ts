/** Records of the files that were made of a study. A file that is made again takes the place of its earlier record. */
import type { Artefact } from '@quantbot/core';
import type { Queries, StudyDatabase } from './database/study-database.ts';
import { requireStudy } from './read-trials.ts';

export async function recordArtefact(
  database: StudyDatabase,
  studyId: string,
  { kind, path, sha256, createdAtMs }: Artefact,
): Promise<void> {
  const current = { kind, sha256, created_at_ms: createdAtMs };
  await database.write(async (transaction) => {
    await requireStudy(transaction, studyId);
    await transaction
      .insertInto('artefact')
      .values({ study_id: studyId, path, ...current })
      .onConflict((conflict) => conflict.columns(['study_id', 'path']).doUpdateSet(current))
      .execute();
  });
}

export async function listArtefacts(queries: Queries, studyId: string): Promise<readonly Artefact[]> {
  await requireStudy(queries, studyId);
  const rows = await queries
    .selectFrom('artefact')
    .selectAll()
    .where('study_id', '=', studyId)
    .orderBy('created_at_ms')
    .orderBy('path')
    .execute();
  return rows.map((row) => ({ kind: row.kind, path: row.path, sha256: row.sha256, createdAtMs: row.created_at_ms }));
}

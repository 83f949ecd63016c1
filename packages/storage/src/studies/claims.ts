/** Who may record into a study: one runner at a time, known by a token that grows with every claim. */
import type { StudyStore } from '@quantbot/core';
import type { StudyDatabase } from './database/study-database.ts';
import { isClaimLive, lockStudy, studyNotFound } from './study-lock.ts';

type Claim = Parameters<StudyStore['claimStudy']>[0];

export function claimStudy(database: StudyDatabase, claim: Claim): Promise<number | undefined> {
  return database.write(async (transaction) => {
    const study = await lockStudy(transaction, claim.id);
    if (study === undefined) throw studyNotFound(claim.id);
    if (study.claim_owner !== claim.owner && isClaimLive(study, claim)) return undefined;
    const token = study.claim_token + 1;
    await transaction
      .updateTable('study')
      .set({ claim_token: token, claim_owner: claim.owner, claimed_at_ms: claim.nowMs })
      .where('id', '=', claim.id)
      .execute();
    return token;
  });
}

export async function findClaimOwner(database: StudyDatabase, id: string): Promise<string | undefined> {
  const row = await database.read((reader) => reader.selectFrom('study').select('claim_owner').where('id', '=', id).executeTakeFirst());
  return row?.claim_owner ?? undefined;
}

export function renewClaim(database: StudyDatabase, { id, token, nowMs }: Parameters<StudyStore['renewClaim']>[0]): Promise<boolean> {
  return database.write(async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('study')
      .set({ claimed_at_ms: nowMs })
      .where('id', '=', id)
      .where('claim_token', '=', token)
      .where('claim_owner', 'is not', null)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  });
}

export async function releaseClaim(database: StudyDatabase, { id, token }: Parameters<StudyStore['releaseClaim']>[0]): Promise<void> {
  await database.write((transaction) =>
    transaction
      .updateTable('study')
      .set({ claim_owner: null, claimed_at_ms: null })
      .where('id', '=', id)
      .where('claim_token', '=', token)
      .execute(),
  );
}

/** One study's row, held against all others until a transaction ends; and what it says about who may record. */
import { AppError } from '@quantbot/core';
import type { Selectable } from 'kysely';
import type { WriteTransaction } from './database/study-database.ts';
import type { StudyTable } from './database/tables.ts';

type Holding = Pick<Selectable<StudyTable>, 'claim_owner' | 'claimed_at_ms'>;

export function studyNotFound(id: string): AppError {
  return new AppError('STUDY_NOT_FOUND', `there is no study ${id}; \`quantbot studies list\` shows all`);
}

/** The row is locked until the transaction ends, so that nobody claims, records into or deletes the study in between. */
export async function lockStudy(transaction: WriteTransaction, id: string): Promise<Selectable<StudyTable> | undefined> {
  // An update that changes nothing locks on both databases alike.
  return transaction
    .updateTable('study')
    .set((row) => ({ claim_token: row.ref('claim_token') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

/**
 * A claim from the future counts as stale too, once it is further away than `staleAfterMs`: a clock that was put back must not lock
 * a study for years. Taking over too early does no harm: the token of the earlier owner is dead.
 */
export function isClaimLive(
  { claim_owner: owner, claimed_at_ms: claimedAtMs }: Holding,
  now: { readonly nowMs: number; readonly staleAfterMs: number },
): boolean {
  return owner !== null && claimedAtMs !== null && Math.abs(now.nowMs - claimedAtMs) < now.staleAfterMs;
}

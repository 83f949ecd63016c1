/** Who works on a job: one runner at a time, known by a token that grows with every claim; and how a job ends. */
import type { JobClaim, JobStore } from '@quantbot/core';
import { sql, type SqlBool } from 'kysely';
import { isOneOf } from '../studies/conditions.ts';
import type { StudyDatabase, WriteTransaction } from '../studies/database/study-database.ts';
import { toJob, toJsonOrNull, type JobRow } from './job-rows.ts';

type Claim = Parameters<JobStore['claimJob']>[0];
type Renewal = Parameters<JobStore['renewJob']>[0];
type End = Parameters<JobStore['finishJob']>[0];
type Held = Parameters<JobStore['releaseJob']>[0];

const CLAIMED_STATES = ['running', 'cancelling'];
const UNCLAIMED = { claim_owner: null, claimed_at_ms: null };

export async function claimJob(database: StudyDatabase, claim: Claim): Promise<JobClaim | undefined> {
  for (;;) {
    const step = await database.write((transaction) => takeNext(transaction, claim));
    if (step !== 'again') return step;
  }
}

/** `again`: the candidate was not to be run, or another runner was quicker. */
async function takeNext(transaction: WriteTransaction, claim: Claim): Promise<JobClaim | undefined | 'again'> {
  const next = await findNext(transaction, claim);
  if (next === undefined) return undefined;
  const taken = await changeIfUnchanged(transaction, next, toNextState(next, claim));
  if (taken === undefined || taken.state !== 'running') return 'again';
  return { job: toJob(taken), token: taken.claim_token };
}

function toNextState(job: JobRow, { owner, nowMs, maxAttempts }: Claim): Partial<JobRow> {
  const ended = { ...UNCLAIMED, finished_at_ms: nowMs };
  if (job.state === 'cancelling') return { ...ended, state: 'cancelled' };
  if (job.attempts >= maxAttempts) {
    const message = `it was begun ${String(job.attempts)} times, and each time the server that worked on it ended before the job did`;
    return { ...ended, state: 'failed', error: toJsonOrNull({ code: 'JOB_LOST', message }) };
  }
  return {
    state: 'running',
    attempts: job.attempts + 1,
    claim_owner: owner,
    claimed_at_ms: nowMs,
    started_at_ms: job.started_at_ms ?? nowMs,
  };
}

/** Priority first, then those who have the fewest jobs running, then age. */
async function findNext(transaction: WriteTransaction, { nowMs, staleAfterMs }: Claim): Promise<JobRow | undefined> {
  // A claim from the future is stale too: a clock that was put back must not hold a job for years.
  const isStale = sql<SqlBool>`(${isOneOf('state', CLAIMED_STATES)} AND ABS(${nowMs} - claimed_at_ms) >= ${staleAfterMs})`;
  const busy = sql`(SELECT COUNT(*) FROM job AS other WHERE other.submitted_by = job.submitted_by AND other.state IN ('running', 'cancelling'))`;
  return transaction
    .selectFrom('job')
    .selectAll()
    .where((where) => where.or([where('state', '=', 'queued'), isStale]))
    .orderBy('priority', 'desc')
    .orderBy(busy)
    .orderBy('created_at_ms')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

async function changeIfUnchanged(transaction: WriteTransaction, job: JobRow, change: Partial<JobRow>): Promise<JobRow | undefined> {
  const { state, attempts, started_at_ms, finished_at_ms, claim_owner, claimed_at_ms, error } = { ...job, ...change };
  return transaction
    .updateTable('job')
    .set({ state, attempts, started_at_ms, finished_at_ms, claim_owner, claimed_at_ms, error, claim_token: job.claim_token + 1 })
    .where('id', '=', job.id)
    .where('state', '=', job.state)
    .where('claim_token', '=', job.claim_token)
    .returningAll()
    .executeTakeFirst();
}

export function renewJob(database: StudyDatabase, { id, token, nowMs, progress }: Renewal): Promise<'held' | 'cancel' | 'lost'> {
  return database.write(async (transaction) => {
    const row = await transaction
      .updateTable('job')
      .set(progress === null ? { claimed_at_ms: nowMs } : { claimed_at_ms: nowMs, progress: toJsonOrNull(progress) })
      .where('id', '=', id)
      .where('claim_token', '=', token)
      .where(isOneOf('state', CLAIMED_STATES))
      .returning('state')
      .executeTakeFirst();
    if (row === undefined) return 'lost';
    return row.state === 'cancelling' ? 'cancel' : 'held';
  });
}

export function finishJob(database: StudyDatabase, { id, token, state, result, error, atMs }: End): Promise<boolean> {
  return database.write(async (transaction, again) => {
    const { numUpdatedRows } = await transaction
      .updateTable('job')
      .set({ ...UNCLAIMED, state, result: toJsonOrNull(result), error: toJsonOrNull(error), finished_at_ms: atMs })
      .where('id', '=', id)
      .where('claim_token', '=', token)
      .where(isOneOf('state', CLAIMED_STATES))
      .executeTakeFirstOrThrow();
    if (numUpdatedRows > 0n || !again) return numUpdatedRows > 0n;
    const now = await transaction
      .selectFrom('job')
      .select(['state', 'claim_token', 'finished_at_ms'])
      .where('id', '=', id)
      .executeTakeFirst();
    return now?.state === state && now.claim_token === token && now.finished_at_ms === atMs;
  });
}

/** One that was asked to stop meanwhile has now stopped. */
export function releaseJob(database: StudyDatabase, { id, token }: Held): Promise<boolean> {
  return database.write(async (transaction) => {
    const row = await transaction
      .updateTable('job')
      .set((job) => ({
        ...UNCLAIMED,
        state: sql<string>`CASE WHEN ${job.ref('state')} = 'cancelling' THEN 'cancelled' ELSE 'queued' END`,
        finished_at_ms: sql<number | null>`CASE WHEN ${job.ref('state')} = 'cancelling' THEN ${job.ref('claimed_at_ms')} END`,
        attempts: sql<number>`${job.ref('attempts')} - 1`,
      }))
      .where('id', '=', id)
      .where('claim_token', '=', token)
      .where(isOneOf('state', CLAIMED_STATES))
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  });
}

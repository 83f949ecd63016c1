/** Jobs themselves: submit, find, list, cancel, delete. */
import { AppError, JOB_STATES, type Job, type JobFilter, type JobKind, type JobState, type NewJob, type Page } from '@quantbot/core';
import { sql, type Selectable, type SqlBool } from 'kysely';
import { isOneOf, toSearchPattern } from '../studies/conditions.ts';
import type { Queries, StudyDatabase, WriteTransaction } from '../studies/database/study-database.ts';
import type { JobTable } from '../studies/database/tables.ts';
import { toJson } from '../studies/exact-json.ts';
import { toLimits } from '../studies/limits.ts';

export type JobRow = Selectable<JobTable>;
type Json = Readonly<Record<string, unknown>>;

const OPEN_STATES: readonly JobState[] = ['queued', 'running', 'cancelling'];
const SORT_COLUMNS = { createdAtMs: 'created_at_ms', finishedAtMs: 'finished_at_ms', name: 'name', priority: 'priority' } as const;

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind as JobKind,
    name: row.name,
    state: row.state as JobState,
    priority: row.priority,
    submittedBy: row.submitted_by,
    request: JSON.parse(row.request) as Json,
    progress: fromJson(row.progress) as Json | null,
    result: fromJson(row.result) as Json | null,
    error: fromJson(row.error) as Job['error'],
    studyId: row.study_id,
    attempts: row.attempts,
    createdAtMs: row.created_at_ms,
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms,
  };
}

function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}

export function toJsonOrNull(value: unknown): string | null {
  return value === null ? null : toPlainText(toJson(value));
}

/** NUL and half surrogate pairs may come with a message from anywhere; PostgreSQL holds neither. */
function toPlainText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{fffd}');
}

export function toJobRow(job: NewJob): JobRow {
  for (const [field, text] of Object.entries({ id: job.id, name: job.name, submittedBy: job.submittedBy })) {
    if (text.includes('\0') || !text.isWellFormed())
      throw new AppError('INVALID_REQUEST', `the ${field} of a job is Unicode text without NUL, found ${JSON.stringify(text)}`);
  }
  return {
    id: job.id,
    kind: job.kind,
    name: job.name,
    search_text: `${job.name}\n${job.id}`.toLowerCase(),
    state: 'queued',
    priority: job.priority,
    submitted_by: job.submittedBy,
    request: toPlainText(toJson(job.request)),
    progress: null,
    result: null,
    error: null,
    study_id: job.studyId,
    attempts: 0,
    created_at_ms: job.createdAtMs,
    started_at_ms: null,
    finished_at_ms: null,
    claim_token: 0,
    claim_owner: null,
    claimed_at_ms: null,
  };
}

export async function submitJob(database: StudyDatabase, row: JobRow, maxQueued: number): Promise<Job> {
  await database.write(async (transaction, again) => {
    if (again && (await isThere(transaction, row))) return;
    await lockSubmitter(transaction, row.submitted_by);
    const { queued } = await transaction
      .selectFrom('job')
      .select((select) => select.fn.countAll<number>().as('queued'))
      .where('submitted_by', '=', row.submitted_by)
      .where('state', '=', 'queued')
      .executeTakeFirstOrThrow();
    if (queued >= maxQueued) {
      throw new AppError(
        'QUEUE_FULL',
        `${String(queued)} jobs of yours wait already, and no more than ${String(maxQueued)} may; wait for some of them or cancel them`,
        {
          details: { queued, max_queued: maxQueued },
        },
      );
    }
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('job')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) throw new AppError('INVALID_REQUEST', `there is already a job ${row.id}; an id is used once`);
  });
  return toJob(row);
}

/** Whether the attempt before this one was committed although its answer was lost. */
async function isThere(transaction: WriteTransaction, row: JobRow): Promise<boolean> {
  const there = await transaction.selectFrom('job').select(['request', 'created_at_ms']).where('id', '=', row.id).executeTakeFirst();
  return there?.request === row.request && there.created_at_ms === row.created_at_ms;
}

/** Held until the transaction ends, so that two servers cannot both count before either has written. */
async function lockSubmitter(transaction: WriteTransaction, id: string): Promise<void> {
  await transaction
    .insertInto('job_submitter')
    .values({ id, submitted: 1 })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((row) => ({ submitted: sql<number>`${row.ref('job_submitter.submitted')} + 1` })),
    )
    .execute();
}

export async function findJob(queries: Queries, id: string): Promise<Job | undefined> {
  const row = await queries.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toJob(row);
}

export function listJobs(database: StudyDatabase, filter: JobFilter = {}): Promise<Page<Job>> {
  const { offset, limit } = toLimits(filter);
  const { by, direction } = filter.sort ?? { by: 'createdAtMs', direction: 'desc' };
  return database.readSnapshot(async (queries) => {
    let matching = queries.selectFrom('job');
    if (filter.kinds !== undefined) matching = matching.where(isOneOf('kind', filter.kinds));
    if (filter.states !== undefined) matching = matching.where(isOneOf('state', filter.states));
    if (filter.submittedBy !== undefined) matching = matching.where('submitted_by', '=', filter.submittedBy);
    if (filter.search !== undefined) matching = matching.where(sql<SqlBool>`search_text LIKE ${toSearchPattern(filter.search)} ESCAPE '!'`);
    const { total } = await matching.select((select) => select.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    const rows = await matching
      .selectAll()
      // Jobs without that value come last, either way.
      .orderBy(sql`CASE WHEN ${sql.ref(SORT_COLUMNS[by])} IS NULL THEN 1 ELSE 0 END`)
      .orderBy(SORT_COLUMNS[by], direction)
      .orderBy('id')
      .limit(limit)
      .offset(offset)
      .execute();
    return { items: rows.map(toJob), total };
  });
}

export async function countByState(queries: Queries): Promise<Record<JobState, number>> {
  const rows = await queries
    .selectFrom('job')
    .select((select) => ['state', select.fn.countAll<number>().as('jobs')])
    .groupBy('state')
    .execute();
  const counted = new Map(rows.map(({ state, jobs }) => [state, jobs]));
  return Object.fromEntries(JOB_STATES.map((state) => [state, counted.get(state) ?? 0])) as Record<JobState, number>;
}

export function cancelJob(database: StudyDatabase, id: string, atMs: number): Promise<JobState | undefined> {
  return database.write(async (transaction) => {
    await transaction.updateTable('job').set({ state: 'cancelling' }).where('id', '=', id).where('state', '=', 'running').execute();
    await transaction
      .updateTable('job')
      .set({ state: 'cancelled', finished_at_ms: atMs })
      .where('id', '=', id)
      .where('state', '=', 'queued')
      .execute();
    const row = await transaction.selectFrom('job').select('state').where('id', '=', id).executeTakeFirst();
    return row?.state as JobState | undefined;
  });
}

export function deleteJob(database: StudyDatabase, id: string): Promise<boolean> {
  return database.write(async (transaction, again) => {
    const { numDeletedRows } = await transaction
      .deleteFrom('job')
      .where('id', '=', id)
      .where(sql<SqlBool>`NOT (${isOneOf('state', OPEN_STATES)})`)
      .executeTakeFirstOrThrow();
    if (numDeletedRows > 0n || !again) return numDeletedRows > 0n;
    return (await transaction.selectFrom('job').select('id').where('id', '=', id).executeTakeFirst()) === undefined;
  });
}

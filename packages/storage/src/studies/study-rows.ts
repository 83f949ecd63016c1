/** Studies themselves: create, find, list, move from state to state, delete. */
import { AppError, type Page, type Study, type StudyDefinition, type StudyFilter, type StudyState, type StudyStore } from '@quantbot/core';
import { sql, type Selectable, type SqlBool } from 'kysely';
import { toJson } from './exact-json.ts';
import { isOneOf, toSearchPattern } from './conditions.ts';
import { toLimits } from './limits.ts';
import type { Queries, StudyDatabase } from './database/study-database.ts';
import type { StudyTable } from './database/tables.ts';
import { isClaimLive, lockStudy } from './study-lock.ts';

type NewStudy = Parameters<StudyStore['createStudy']>[0];
type StateChange = Parameters<StudyStore['setStudyState']>[0];

const STUDY_COLUMNS = [
  'id',
  'name',
  'definition',
  'state',
  'reason',
  'created_at_ms',
  'updated_at_ms',
  'trials_recorded',
  'trials_failed',
  'trials_pruned',
] as const satisfies readonly (keyof StudyTable)[];

type StudyRow = Pick<Selectable<StudyTable>, (typeof STUDY_COLUMNS)[number]>;

function toStudy(row: StudyRow): Study {
  return {
    id: row.id,
    name: row.name,
    state: row.state as StudyState,
    reason: row.reason,
    definition: JSON.parse(row.definition) as StudyDefinition,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    trialsRecorded: row.trials_recorded,
    trialsFailed: row.trials_failed,
    trialsPruned: row.trials_pruned,
  };
}

/** PostgreSQL holds no NUL, and half a surrogate pair is no character: refused in names, on both databases alike. */
function requireText(field: string, text: string): void {
  if (text.includes('\0') || !text.isWellFormed())
    throw new AppError('INVALID_STUDY', `the ${field} of a study is Unicode text without NUL, found ${JSON.stringify(text)}`);
}

/** The row of a new study; throws before anything is written. */
export function toStudyRow({ id, name, definition, createdAtMs }: NewStudy) {
  requireText('id', id);
  requireText('name', name);
  requireText('strategy', definition.strategy);
  return {
    id,
    name,
    search_text: `${name}\n${id}`.toLowerCase(),
    strategy: definition.strategy,
    definition: toJson(definition),
    state: 'waiting' satisfies StudyState,
    reason: null,
    created_at_ms: createdAtMs,
    updated_at_ms: createdAtMs,
    trials_recorded: 0,
    trials_failed: 0,
    trials_pruned: 0,
    claim_token: 0,
    claim_owner: null,
    claimed_at_ms: null,
  };
}

export async function createStudy(database: StudyDatabase, row: ReturnType<typeof toStudyRow>): Promise<Study> {
  await database.write(async (transaction, again) => {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('study')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 1n) return;
    const there = await transaction
      .selectFrom('study')
      .select(['definition', 'name', 'created_at_ms'])
      .where('id', '=', row.id)
      .executeTakeFirst();
    const isOurs = there?.definition === row.definition && there.name === row.name && there.created_at_ms === row.created_at_ms;
    if (!(again && isOurs)) throw new AppError('INVALID_STUDY', `there is already a study ${row.id}; an id is used once`);
  });
  return toStudy(row);
}

export async function findStudy(queries: Queries, id: string): Promise<Study | undefined> {
  const row = await queries.selectFrom('study').select(STUDY_COLUMNS).where('id', '=', id).executeTakeFirst();
  return row && toStudy(row);
}

export function listStudies(database: StudyDatabase, filter: StudyFilter = {}): Promise<Page<Study>> {
  const { offset, limit } = toLimits(filter);
  return database.readSnapshot(async (queries) => {
    let matching = queries.selectFrom('study');
    if (filter.states !== undefined) matching = matching.where(isOneOf('state', filter.states));
    if (filter.strategy !== undefined) matching = matching.where('strategy', '=', filter.strategy);
    if (filter.search !== undefined) matching = matching.where(sql<SqlBool>`search_text LIKE ${toSearchPattern(filter.search)} ESCAPE '!'`);
    const { total } = await matching.select((select) => select.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    const rows = await matching.select(STUDY_COLUMNS).orderBy('created_at_ms', 'desc').orderBy('id').limit(limit).offset(offset).execute();
    return { items: rows.map(toStudy), total };
  });
}

/** NUL and half surrogate pairs may come with an error message from anywhere; they are shown as the replacement character. */
function toReason(reason: string | null): string | null {
  return reason === null ? null : reason.toWellFormed().replaceAll('\0', '\u{fffd}');
}

export function setStudyState(database: StudyDatabase, change: StateChange): Promise<boolean> {
  const after = { state: change.to, reason: toReason(change.reason), updated_at_ms: change.atMs };
  return database.write(async (transaction, again) => {
    const { numUpdatedRows } = await transaction
      .updateTable('study')
      .set(after)
      .where('id', '=', change.id)
      .where(isOneOf('state', change.from))
      .executeTakeFirstOrThrow();
    if (numUpdatedRows > 0n || !again) return numUpdatedRows > 0n;
    const now = await transaction
      .selectFrom('study')
      .select(['state', 'reason', 'updated_at_ms'])
      .where('id', '=', change.id)
      .executeTakeFirst();
    return now?.state === after.state && now.reason === after.reason && now.updated_at_ms === after.updated_at_ms;
  });
}

export function deleteStudy(
  database: StudyDatabase,
  id: string,
  now: { readonly nowMs: number; readonly staleAfterMs: number },
): Promise<boolean> {
  return database.write(async (transaction, again) => {
    const study = await lockStudy(transaction, id);
    if (study === undefined) return again;
    if (isClaimLive(study, now)) {
      throw new AppError('STUDY_RUNNING', `study ${id} runs (${String(study.claim_owner)} works on it); cancel or pause it first`);
    }
    await transaction.deleteFrom('study').where('id', '=', id).execute();
    return true;
  });
}

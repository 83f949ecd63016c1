/** Trials of one study: a single one, a page sorted and filtered in SQL, or all of them in order. */
import { AppError, type Page, type TrialCondition, type TrialKey, type TrialQuery, type TrialRecord } from '@quantbot/core';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { COMPARISONS, isOneOf } from './conditions.ts';
import type { ColumnEntry, Queries, StudyDatabase } from './database/study-database.ts';
import { toLimits } from './limits.ts';
import { studyNotFound } from './study-lock.ts';
import { toComparable, type ColumnKey } from './trial-columns.ts';
import { createTrialDecoder, type StoredRow } from './trial-json.ts';

const STREAM_PAGE = 512;

interface Listing {
  readonly database: StudyDatabase;
  readonly studyId: string;
}

export async function requireStudy(queries: Queries, id: string): Promise<void> {
  if ((await queries.selectFrom('study').select('id').where('id', '=', id).executeTakeFirst()) === undefined) throw studyNotFound(id);
}

function selectStored(queries: Queries, studyId: string) {
  return queries
    .selectFrom('trial')
    .innerJoin('trial_block', (join) => join.onRef('trial_block.study_id', '=', 'trial.study_id').onRef('trial_block.first', '=', 'trial.block_first'))
    .select(['trial.number', 'trial.state', 'trial.record', 'trial_block.layouts'])
    .where('trial.study_id', '=', studyId);
}

export async function findTrial(queries: Queries, studyId: string, number: number): Promise<TrialRecord | undefined> {
  if (!Number.isSafeInteger(number)) return undefined;
  const row = await selectStored(queries, studyId).where('trial.number', '=', number).executeTakeFirst();
  return row && createTrialDecoder()(row);
}

/** The values of one figure or parameter for all trials of the study; trials that do not have it are missing. */
function explodeColumn({ database, studyId }: Listing, key: ColumnKey): RawBuilder<ColumnEntry> {
  const period = key.kind === 'param' ? '' : key.period;
  return database.explode(
    sql`(SELECT study_id, first, entries FROM trial_column WHERE study_id = ${studyId} AND kind = ${key.kind} AND name = ${key.name} AND period = ${period})`,
  );
}

/** An undefined value meets no condition, nor does a number one on a text. */
function meets(listing: Listing, { key, is, value }: TrialCondition): RawBuilder<SqlBool> {
  const comparable = toComparable(value);
  if (typeof comparable === 'number' && !Number.isFinite(comparable)) throw new AppError('INVALID_REQUEST', `a condition compares with a finite number, found ${String(value)}`);
  const compare = COMPARISONS[is];
  if (key.kind === 'number') return typeof comparable === 'number' ? sql`CAST(t.number AS DOUBLE PRECISION) ${compare} ${comparable}` : sql`1 = 0`;
  if (key.kind === 'state') return typeof comparable === 'string' ? sql`t.state ${compare} ${comparable}` : sql`1 = 0`;
  const column = sql.ref(typeof comparable === 'number' ? 'number_value' : 'text_value');
  return sql`t.number IN (SELECT number FROM (${explodeColumn(listing, key)}) AS v WHERE ${column} ${compare} ${comparable})`;
}

function toConditions(listing: Listing, { states, conditions = [], acceptedOnly }: TrialQuery): RawBuilder<SqlBool> {
  const all = [sql<SqlBool>`t.study_id = ${listing.studyId}`];
  if (states !== undefined) all.push(isOneOf('t.state', states));
  if (acceptedOnly === true) all.push(sql<SqlBool>`t.accepted = 1`);
  return sql.join([...all, ...conditions.map((condition) => meets(listing, condition))], sql` AND `);
}

/** The numbers of the trials of a page, in its order. */
function selectNumbers(listing: Listing, query: TrialQuery, where: RawBuilder<SqlBool>): RawBuilder<{ number: number }> {
  const { offset, limit } = toLimits(query);
  const { key, direction } = query.sort ?? { key: { kind: 'number' } satisfies TrialKey, direction: 'asc' };
  const way = direction === 'asc' ? sql`ASC` : sql`DESC`;
  const page = sql`LIMIT ${limit} OFFSET ${offset}`;
  if (key.kind === 'number') return sql`SELECT t.number FROM trial AS t WHERE ${where} ORDER BY t.number ${way} ${page}`;
  if (key.kind === 'state') return sql`SELECT t.number FROM trial AS t WHERE ${where} ORDER BY t.state ${way}, t.number ${page}`;
  // Materialised, else SQLite takes the arrays apart anew for every trial.
  return sql`
    WITH s AS MATERIALIZED (${explodeColumn(listing, key)})
    SELECT t.number FROM trial AS t LEFT JOIN s ON s.number = t.number WHERE ${where}
    ORDER BY s.number_value ${way} NULLS LAST, s.text_value ${way} NULLS LAST, t.number ${page}`;
}

async function readInOrder(queries: Queries, studyId: string, numbers: readonly number[]): Promise<TrialRecord[]> {
  if (numbers.length === 0) return [];
  const rows = await selectStored(queries, studyId).where('trial.number', 'in', numbers).execute();
  const decode = createTrialDecoder();
  const byNumber = new Map(rows.map((row: StoredRow) => [row.number, decode(row)]));
  return numbers.flatMap((number) => byNumber.get(number) ?? []);
}

export function listTrials(listing: Listing, query: TrialQuery = {}): Promise<Page<TrialRecord>> {
  const { database, studyId } = listing;
  const where = toConditions(listing, query);
  const selectPage = selectNumbers(listing, query, where);
  return database.readSnapshot(async (queries) => {
    await requireStudy(queries, studyId);
    const counted = await sql<{ total: number }>`SELECT count(*) AS total FROM trial AS t WHERE ${where}`.execute(queries);
    const page = await selectPage.execute(queries);
    const items = await readInOrder(queries, studyId, page.rows.map((row) => row.number));
    return { items, total: counted.rows[0]?.total ?? 0 };
  });
}

/** Reads one page at a time, each from where the last one ended, so that memory does not grow with the study. */
export async function* streamTrials({ database, studyId }: Listing, fromNumber = 0): AsyncGenerator<TrialRecord, void, undefined> {
  await database.read((queries) => requireStudy(queries, studyId));
  const decode = createTrialDecoder();
  for (let next = fromNumber; ; ) {
    const start = next;
    const rows = await database.read((queries) => selectStored(queries, studyId).where('trial.number', '>=', start).orderBy('trial.number').limit(STREAM_PAGE).execute());
    for (const row of rows) yield decode(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < STREAM_PAGE) return;
    next = last.number + 1;
  }
}

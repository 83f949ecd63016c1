/** Trials of one study: a single one, a page sorted and filtered in SQL, or all of them in order. */
import { AppError, type Page, type TrialCondition, type TrialKey, type TrialQuery, type TrialRecord } from '@quantbot/core';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { COMPARISONS, isOneOf } from './conditions.ts';
import type { ColumnEntry, Queries, StudyDatabase } from './database/study-database.ts';
import type { KeptAnswers } from './kept-answers.ts';
import { toLimits } from './limits.ts';
import { studyNotFound } from './study-lock.ts';
import { toComparable, type ColumnKey } from './trial-columns.ts';
import { createTrialDecoder } from './trial-json.ts';

const STREAM_PAGE = 512;

/** The first numbers of all that match, in their order, and how many match. */
export interface TrialOrder {
  readonly numbers: readonly number[];
  readonly total: number;
}
/** Of each order so many are kept: people turn the first pages. A page of 100,000 sorted trials takes 70 ms to find and 2 ms to find again. */
const KEPT_NUMBERS = 5_000;

interface Listing {
  readonly database: StudyDatabase;
  readonly studyId: string;
}
interface OrderedListing extends Listing {
  readonly orders: KeptAnswers<TrialOrder>;
}

export async function requireStudy(queries: Queries, id: string): Promise<void> {
  if ((await queries.selectFrom('study').select('id').where('id', '=', id).executeTakeFirst()) === undefined) throw studyNotFound(id);
}

function selectRows(queries: Queries, studyId: string) {
  return queries.selectFrom('trial').select(['number', 'state', 'record', 'block_first']).where('study_id', '=', studyId);
}

/**
 * Adds the layouts, each fetched once: with a join every trial would bring its own copy. All in one snapshot, so that a block that is
 * missing is damage, and not a study that was deleted in between.
 */
async function decodeRows(
  queries: Queries,
  studyId: string,
  rows: Awaited<ReturnType<ReturnType<typeof selectRows>['execute']>>,
): Promise<TrialRecord[]> {
  if (rows.length === 0) return [];
  const firsts = [...new Set(rows.map((row) => row.block_first))];
  const blocks = await queries
    .selectFrom('trial_block')
    .select(['first', 'layouts'])
    .where('study_id', '=', studyId)
    .where('first', 'in', firsts)
    .execute();
  const layouts = new Map(blocks.map((block) => [block.first, block.layouts]));
  const decode = createTrialDecoder();
  return rows.map((row) => decode({ ...row, layouts: layouts.get(row.block_first) ?? '[]' }));
}

export async function findTrial({ database, studyId }: Listing, number: number): Promise<TrialRecord | undefined> {
  if (!Number.isSafeInteger(number)) return undefined;
  return database.readSnapshot(async (queries) => {
    const rows = await selectRows(queries, studyId).where('number', '=', number).execute();
    return (await decodeRows(queries, studyId, rows))[0];
  });
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
  if (typeof comparable === 'number' && !Number.isFinite(comparable))
    throw new AppError('INVALID_REQUEST', `a condition compares with a finite number, found ${String(value)}`);
  const compare = COMPARISONS[is];
  if (key.kind === 'number')
    return typeof comparable === 'number' ? sql`CAST(t.number AS DOUBLE PRECISION) ${compare} ${comparable}` : sql`1 = 0`;
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

interface Asked {
  readonly query: TrialQuery;
  readonly offset: number;
  readonly limit: number;
}

/** The numbers of the trials of a page, in its order. */
function selectNumbers(listing: Listing, { query, offset, limit }: Asked, where: RawBuilder<SqlBool>): RawBuilder<{ number: number }> {
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
  const rows = await selectRows(queries, studyId).where('number', 'in', numbers).execute();
  const byNumber = new Map((await decodeRows(queries, studyId, rows)).map((trial) => [trial.number, trial]));
  return numbers.flatMap((number) => byNumber.get(number) ?? []);
}

async function readOrder(queries: Queries, listing: Listing, asked: Asked): Promise<TrialOrder> {
  const where = toConditions(listing, asked.query);
  const counted = await sql<{ total: number }>`SELECT count(*) AS total FROM trial AS t WHERE ${where}`.execute(queries);
  const page = await selectNumbers(listing, asked, where).execute(queries);
  return { numbers: page.rows.map((row) => row.number), total: counted.rows[0]?.total ?? 0 };
}

/** What the order of a study's trials depends on; a study that was deleted may have left its id to another. */
async function readVersion(queries: Queries, id: string): Promise<string> {
  const row = await queries.selectFrom('study').select(['created_at_ms', 'trials_recorded']).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw studyNotFound(id);
  return `${String(row.created_at_ms)} ${String(row.trials_recorded)}`;
}

async function findOrder(queries: Queries, { orders, ...listing }: OrderedListing, query: TrialQuery): Promise<TrialOrder> {
  const { offset, limit } = toLimits(query);
  const version = await readVersion(queries, listing.studyId);
  if (offset + limit > KEPT_NUMBERS) return readOrder(queries, listing, { query, offset, limit });
  const key = JSON.stringify([listing.studyId, { ...query, offset: 0, limit: 0 }]);
  const order = await orders.find(key, version, () => readOrder(queries, listing, { query, offset: 0, limit: KEPT_NUMBERS }));
  return { ...order, numbers: order.numbers.slice(offset, offset + limit) };
}

export async function listTrials(listing: OrderedListing, query: TrialQuery = {}): Promise<Page<TrialRecord>> {
  const { database, studyId } = listing;
  // Refuses what cannot be asked before the database is.
  toConditions(listing, query);
  return database.readSnapshot(async (queries) => {
    const { numbers, total } = await findOrder(queries, listing, query);
    return { items: await readInOrder(queries, studyId, numbers), total };
  });
}

/**
 * Reads one page at a time, each from where the last one ended, so that memory does not grow with the study. Numbers have no holes, so a
 * page is a range of them: with LIMIT, PostgreSQL sorts all that is left of a study whose tables it has not analysed yet.
 */
export async function* streamTrials({ database, studyId }: Listing, fromNumber = 0): AsyncGenerator<TrialRecord, void, undefined> {
  await database.read((queries) => requireStudy(queries, studyId));
  for (let from = Math.max(0, fromNumber); ; from += STREAM_PAGE) {
    const [start, end] = [from, from + STREAM_PAGE];
    const trials = await database.readSnapshot(async (queries) =>
      decodeRows(
        queries,
        studyId,
        await selectRows(queries, studyId).where('number', '>=', start).where('number', '<', end).orderBy('number').execute(),
      ),
    );
    yield* trials;
    if (trials.length < STREAM_PAGE) return;
  }
}

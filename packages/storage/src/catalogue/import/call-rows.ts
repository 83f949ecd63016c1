/** Reads the calls of one source, checks every row and adds them to the rows to be merged. */
import { AppError, CALL_FIELDS, type CallImport, type RowProblem } from '@quantbot/core';
import type { DuckDbSession, Row } from '../../duckdb/session.ts';
import type { Picks, Source } from '../source/source.ts';
import type { RowsRead } from './candle-rows.ts';
import { matchColumns } from './columns.ts';
import { instrumentSql, textSql } from './names.ts';
import { LISTED_PROBLEMS } from './problems.ts';
import { loadChecked, RAW_TABLE } from './raw-rows.ts';
import { describeTimeFault, timeFaultSql, type TimeContext } from './time-faults.ts';
import { readTimes } from './time-unit.ts';

export const CREATE_INCOMING_CALLS =
  'CREATE TEMP TABLE incoming_call (source INTEGER, n BIGINT, id VARCHAR, mint VARCHAR, caller VARCHAR, ts_ms BIGINT)';

/** For calls without an id: readable, and the same whenever the same call is imported. */
const DERIVED_ID = `concat(coalesce(nullif(trim(left(lower(regexp_replace(caller, '[^A-Za-z0-9]+', '-', 'g')), 24), '-'), ''), 'call'),
  '-', left(sha256(concat(mint, chr(31), caller, chr(31), ts_ms)), 12))`;

const FAULT = `CASE
    WHEN is_id_missing THEN 'id'
    WHEN mint IS NULL THEN 'mint'
    WHEN caller IS NULL THEN 'caller'
    ${timeFaultSql()}
    WHEN n > first_n THEN 'duplicate'
  END`;

function describe(row: Row, asked: { time: TimeContext; picks: Picks; numbering: string }): string {
  const fault = String(row['fault']);
  switch (fault) {
    case 'id':
    case 'mint':
    case 'caller':
      return `the ${fault} is missing`;
    case 'duplicate':
      return asked.picks['id'] === undefined
        ? `the same call (mint, caller and time) is already in ${asked.numbering} ${String(row['first_n'])}`
        : `the call id "${String(row['id'])}" is already in ${asked.numbering} ${String(row['first_n'])}`;
    default:
      return describeTimeFault(fault, row['ts_text'], asked.time);
  }
}

async function createCheckedTable(session: DuckDbSession, raw: string, picks: Picks): Promise<TimeContext> {
  if (picks['ts'] === undefined) throw new AppError('INTERNAL', 'the time column was not picked');
  const time = await readTimes(session, raw, { field: 'ts', column: picks['ts'] });
  const hasId = picks['id'] !== undefined;
  await session.run(`CREATE OR REPLACE TEMP TABLE checked_row AS
    SELECT *, ${FAULT} AS fault FROM (
      SELECT *, min(n) OVER (PARTITION BY id) AS first_n FROM (
        SELECT *, ${hasId ? 'given_id' : DERIVED_ID} AS id, ${hasId ? 'given_id IS NULL' : 'false'} AS is_id_missing FROM (
          SELECT n, ${hasId ? textSql('id') : 'NULL'} AS given_id, ${instrumentSql('mint')} AS mint, ${textSql('caller')} AS caller,
            ${time.micros} AS micros, micros // 1000 AS ts_ms, ${time.isOtherUnit} AS is_other_unit, ${textSql('ts')} IS NULL AS is_time_missing
          FROM ${raw})))`);
  return time;
}

async function listProblems(
  session: DuckDbSession,
  raw: string,
  asked: { source: Source; picks: Picks; time: TimeContext },
): Promise<{ problems: RowProblem[]; total: number }> {
  const [count] = await session.rows('SELECT count(fault)::INTEGER AS total FROM checked_row');
  const total = Number(count?.['total']);
  if (total === 0) return { problems: [], total };
  const rows = await session.rows(
    `SELECT checked_row.*, ${textSql('raw.ts')} AS ts_text FROM checked_row JOIN ${raw} AS raw USING (n) WHERE fault IS NOT NULL ORDER BY n LIMIT ${String(LISTED_PROBLEMS)}`,
  );
  const { source, picks, time } = asked;
  const problems = rows.map((row) => ({
    file: source.file,
    line: Number(row['n']),
    reason: describe(row, { time, picks, numbering: source.numbering }),
    ...(typeof row['mint'] === 'string' ? { instrument: row['mint'] } : {}),
  }));
  return { problems, total };
}

/** Adds the rows to `incoming_call` under the number `position`, unless there are problems. */
export async function readCallRows(
  session: DuckDbSession,
  source: Source,
  asked: { request: CallImport; position: number },
): Promise<RowsRead> {
  const matched = matchColumns(CALL_FIELDS, source.file, { columns: source.columns, mapping: asked.request.mapping });
  const { picks } = matched;
  let time: TimeContext = { unit: 's' };
  const problems = await loadChecked(session, source, {
    picks,
    async check(raw) {
      time = await createCheckedTable(session, raw, picks);
      return listProblems(session, raw, { source, picks, time });
    },
  });
  const [count] = await session.rows('SELECT count(*)::INTEGER AS rows FROM checked_row');
  const rowsRead = Number(count?.['rows']);
  if (rowsRead === 0 && problems.total === 0) throw new AppError('INVALID_MARKET_DATA', `${source.file}: the file has no rows`);
  if (problems.total === 0) {
    await session.run(`INSERT INTO incoming_call SELECT ${String(asked.position)}, n, id, mint, caller, ts_ms FROM checked_row`);
  }
  await session.run(`DROP TABLE checked_row; DROP TABLE ${RAW_TABLE}`);
  return {
    problems,
    matched,
    timeUnit: time.unit,
    rowsRead,
    notes: picks['id'] === undefined ? ['there is no id column: ids were made from caller, mint and time'] : [],
  };
}

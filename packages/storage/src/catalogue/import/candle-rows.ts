/** Reads the candles of one source, checks every row (docs/assumptions.md, market data) and adds them to the rows to be merged. */
import { AppError, CANDLE_FIELDS, type CandleImport, type RowProblem, type TimeUnit } from '@quantbot/core';
import type { DuckDbSession } from '../../duckdb/session.ts';
import { quoteText } from '../../duckdb/sql-text.ts';
import type { Picks, Source } from '../source/source.ts';
import { CANDLE_PRICES, candleFaultSql, describeCandleFault } from './candle-faults.ts';
import { matchColumns, type MatchedColumns } from './columns.ts';
import { instrumentSql, normaliseInstrument, textSql } from './names.ts';
import { LISTED_PROBLEMS, type SourceProblems } from './problems.ts';
import { loadChecked, RAW_TABLE } from './raw-rows.ts';
import { readTimes } from './time-unit.ts';
import type { TimeContext } from './time-faults.ts';

const SINGLE_CANDLE_INTERVAL_S = 60;

export interface RowsRead {
  readonly problems: SourceProblems;
  readonly matched: MatchedColumns;
  readonly timeUnit: TimeUnit;
  readonly rowsRead: number;
  readonly notes: readonly string[];
}

export const CREATE_INCOMING_CANDLES = `CREATE TEMP TABLE incoming_candle
  (source INTEGER, instrument VARCHAR, interval_s BIGINT, timestamp BIGINT, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE)`;

/**
 * The time of the row before, of the same instrument. The quick form takes rows as they are stored and does not look past unreadable
 * times: the same in a file without faults, and it saves sorting all rows.
 */
function beforeSql(hasInstruments: boolean, isQuick: boolean): string {
  if (!isQuick) return `lag(micros IGNORE NULLS) OVER (PARTITION BY instrument ORDER BY n)`;
  return hasInstruments ? 'lag(micros) OVER (PARTITION BY instrument ORDER BY n)' : 'lag(micros) OVER ()';
}

async function createCheckedTable(
  session: DuckDbSession,
  raw: string,
  asked: { request: CandleImport; picks: Picks; isQuick: boolean },
): Promise<TimeContext> {
  const { picks, request } = asked;
  const timestamp = picks['timestamp'];
  if (timestamp === undefined) throw new AppError('INTERNAL', 'the timestamp column was not picked');
  const time = await readTimes(session, raw, { field: 'timestamp', column: timestamp });
  const instrument =
    picks['instrument'] === undefined ? quoteText(normaliseInstrument(request.instrument ?? '')) : instrumentSql('instrument');
  const volume = picks['volume'] === undefined ? '0::DOUBLE' : 'TRY_CAST(volume AS DOUBLE)';
  await session.run(`CREATE OR REPLACE TEMP TABLE checked_row AS
    SELECT *, ${candleFaultSql()} AS fault FROM (
      SELECT *, ${beforeSql(picks['instrument'] !== undefined, asked.isQuick)} AS before_micros FROM (
        SELECT n, ${instrument} AS instrument, ${time.micros} AS micros, ${time.isOtherUnit} AS is_other_unit, ${textSql('timestamp')} IS NULL AS is_time_missing,
          ${CANDLE_PRICES.map((name) => `TRY_CAST(${name} AS DOUBLE) AS ${name}`).join(', ')}, ${volume} AS volume
        FROM ${raw}))`);
  return time;
}

async function countFaults(session: DuckDbSession): Promise<number> {
  const [count] = await session.rows('SELECT count(fault)::INTEGER AS total FROM checked_row');
  return Number(count?.['total']);
}

async function listProblems(
  session: DuckDbSession,
  raw: string,
  asked: { file: string; picks: Picks; time: TimeContext },
): Promise<{ problems: RowProblem[]; total: number }> {
  const total = await countFaults(session);
  const texts = Object.keys(asked.picks).map((field) => `${textSql(`raw.${field}`)} AS ${field}_text`);
  const rows = await session.rows(
    `SELECT checked_row.*, ${texts.join(', ')} FROM checked_row JOIN ${raw} AS raw USING (n) WHERE fault IS NOT NULL ORDER BY n LIMIT ${String(LISTED_PROBLEMS)}`,
  );
  const problems = rows.map((row) => ({
    file: asked.file,
    line: Number(row['n']),
    reason: describeCandleFault(row, asked.time),
    // Where all rows are of one instrument, naming it again says nothing.
    ...(typeof row['instrument'] === 'string' && asked.picks['instrument'] !== undefined ? { instrument: row['instrument'] } : {}),
  }));
  return { problems, total };
}

/** The interval of each instrument: given, else its most frequent step (a tie: the smaller), else that of a single candle. */
async function addIncoming(session: DuckDbSession, position: number, intervalS: number | undefined): Promise<void> {
  const found = `SELECT instrument, arg_max(step, (rows, -step)) AS interval_s FROM
      (SELECT instrument, (micros - before_micros) // 1000000 AS step, count(*) AS rows FROM checked_row WHERE before_micros IS NOT NULL GROUP BY ALL)
    GROUP BY instrument`;
  await session.run(`INSERT INTO incoming_candle
    SELECT ${String(position)}, instrument, ${intervalS === undefined ? `coalesce(interval_s, ${String(SINGLE_CANDLE_INTERVAL_S)})` : String(intervalS)},
      micros // 1000000, open, high, low, close, volume
    FROM checked_row ${intervalS === undefined ? `LEFT JOIN (${found}) USING (instrument)` : ''}`);
}

function toNotes(request: CandleImport, picks: Picks): string[] {
  const notes = [];
  if (picks['volume'] === undefined) notes.push('there is no volume column: the volume of every candle is 0');
  if (picks['instrument'] !== undefined && request.instrument !== undefined)
    notes.push(`the instruments are those of the column "${picks['instrument'].name}"`);
  return notes;
}

/** Adds the rows to `incoming_candle` under the number `position`, unless there are problems. */
export async function readCandleRows(
  session: DuckDbSession,
  source: Source,
  asked: { request: CandleImport; position: number },
): Promise<RowsRead> {
  const { request, position } = asked;
  const matched = matchColumns(CANDLE_FIELDS, source.file, { columns: source.columns, mapping: request.mapping });
  const { picks } = matched;
  if (picks['instrument'] === undefined && (request.instrument ?? '').trim() === '') {
    throw new AppError('INVALID_MARKET_DATA', `${source.file}: there is no instrument column; name the instrument of the file`);
  }
  let time: TimeContext = { unit: 's' };
  const problems = await loadChecked(session, source, {
    picks,
    async check(raw) {
      time = await createCheckedTable(session, raw, { request, picks, isQuick: true });
      if ((await countFaults(session)) === 0) return { problems: [], total: 0 };
      await createCheckedTable(session, raw, { request, picks, isQuick: false });
      return listProblems(session, raw, { file: source.file, picks, time });
    },
  });
  const [count] = await session.rows('SELECT count(*)::INTEGER AS rows FROM checked_row');
  const rowsRead = Number(count?.['rows']);
  if (rowsRead === 0 && problems.total === 0) throw new AppError('INVALID_MARKET_DATA', `${source.file}: the file has no rows`);
  if (problems.total === 0) await addIncoming(session, position, request.intervalS);
  await session.run(`DROP TABLE checked_row; DROP TABLE ${RAW_TABLE}`);
  return { problems, matched, timeUnit: time.unit, rowsRead, notes: toNotes(request, picks) };
}

/** Reads the candles of one source, checks every row (docs/assumptions.md, market data) and adds them to the rows to be merged. */
import { AppError, CANDLE_FIELDS, type CandleImport, type RowProblem, type TimeUnit } from '@quantbot/core';
import type { DuckDbSession, Row } from '../../duckdb/session.ts';
import { quoteText } from '../../duckdb/sql-text.ts';
import type { Picks, Source } from '../source/source.ts';
import { matchColumns, type MatchedColumns } from './columns.ts';
import { instrumentSql, normaliseInstrument, textSql } from './names.ts';
import { LISTED_PROBLEMS, type SourceProblems } from './problems.ts';
import { loadChecked, RAW_TABLE } from './raw-rows.ts';
import { readTimes } from './time-unit.ts';
import { describeTimeFault, timeFaultSql, type TimeContext } from './time-faults.ts';

const PRICES = ['open', 'high', 'low', 'close'] as const;
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

/** A row's first fault, as a word that `describe` below turns into a sentence; null for a good row. */
function faultSql(): string {
  const prices = PRICES.map((name) => `WHEN ${name} IS NULL OR NOT isfinite(${name}) OR ${name} <= 0 THEN '${name}'`);
  return `CASE
    WHEN instrument IS NULL THEN 'instrument'
    ${timeFaultSql()}
    WHEN micros % 1000000 <> 0 THEN 'subsecond'
    ${prices.join('\n')}
    WHEN high < low THEN 'high_low'
    WHEN open NOT BETWEEN low AND high THEN 'open_range'
    WHEN close NOT BETWEEN low AND high THEN 'close_range'
    WHEN volume IS NULL OR NOT isfinite(volume) OR volume < 0 THEN 'volume'
    WHEN micros = before_micros THEN 'duplicate'
    WHEN micros < before_micros THEN 'backwards'
  END`;
}

function describeNumber(name: string, text: unknown): string {
  if (text === null || text === undefined || text === '') return `the ${name} is missing`;
  const shown = `"${String(text)}"`;
  const value = Number(text);
  if (/^[+-]?(nan|inf(inity)?)$/i.test(String(text)) || Math.abs(value) === Infinity) return `the ${name} is not finite: ${shown}`;
  if (Number.isNaN(value)) return `the ${name} is not a number: ${shown}`;
  return name === 'volume' ? `the volume is negative: ${shown}` : `the ${name} is not positive: ${shown}`;
}

function toIsoTime(micros: unknown): string {
  return new Date(Number(micros) / 1000).toISOString();
}

function describe(row: Row, time: TimeContext): string {
  const fault = String(row['fault']);
  const [open, high, low, close] = PRICES.map((name) => String(row[`${name}_text`]));
  switch (fault) {
    case 'instrument':
      return 'the instrument is missing';
    case 'subsecond':
      return `the timestamp ${String(row['timestamp_text'])} is not a whole second`;
    case 'high_low':
      return `high ${String(high)} is below low ${String(low)}`;
    case 'open_range':
      return `open ${String(open)} is outside low ${String(low)} to high ${String(high)}`;
    case 'close_range':
      return `close ${String(close)} is outside low ${String(low)} to high ${String(high)}`;
    case 'duplicate':
      return `the timestamp ${String(row['timestamp_text'])} is there twice`;
    case 'backwards':
      return `timestamps must increase: ${toIsoTime(row['micros'])} follows ${toIsoTime(row['before_micros'])}`;
    case 'open':
    case 'high':
    case 'low':
    case 'close':
    case 'volume':
      return describeNumber(fault, row[`${fault}_text`]);
    default:
      return describeTimeFault(fault, row['timestamp_text'], time);
  }
}

async function createCheckedTable(
  session: DuckDbSession,
  raw: string,
  asked: { request: CandleImport; picks: Picks },
): Promise<TimeContext> {
  const { picks, request } = asked;
  const timestamp = picks['timestamp'];
  if (timestamp === undefined) throw new AppError('INTERNAL', 'the timestamp column was not picked');
  const time = await readTimes(session, raw, { field: 'timestamp', column: timestamp });
  const instrument =
    picks['instrument'] === undefined ? quoteText(normaliseInstrument(request.instrument ?? '')) : instrumentSql('instrument');
  const volume = picks['volume'] === undefined ? '0::DOUBLE' : 'TRY_CAST(volume AS DOUBLE)';
  const partition = picks['instrument'] === undefined ? '' : 'PARTITION BY instrument';
  await session.run(`CREATE OR REPLACE TEMP TABLE checked_row AS
    SELECT *, ${faultSql()} AS fault FROM (
      SELECT *, lag(micros IGNORE NULLS) OVER (${partition} ORDER BY n) AS before_micros FROM (
        SELECT n, ${instrument} AS instrument, ${time.micros} AS micros, ${time.isOtherUnit} AS is_other_unit, ${textSql('timestamp')} IS NULL AS is_time_missing,
          ${PRICES.map((name) => `TRY_CAST(${name} AS DOUBLE) AS ${name}`).join(', ')}, ${volume} AS volume
        FROM ${raw}))`);
  return time;
}

async function listProblems(
  session: DuckDbSession,
  raw: string,
  asked: { file: string; picks: Picks; time: TimeContext },
): Promise<{ problems: RowProblem[]; total: number }> {
  const [count] = await session.rows('SELECT count(fault)::INTEGER AS total FROM checked_row');
  const total = Number(count?.['total']);
  if (total === 0) return { problems: [], total };
  const texts = Object.keys(asked.picks).map((field) => `${textSql(`raw.${field}`)} AS ${field}_text`);
  const rows = await session.rows(
    `SELECT checked_row.*, ${texts.join(', ')} FROM checked_row JOIN ${raw} AS raw USING (n) WHERE fault IS NOT NULL ORDER BY n LIMIT ${String(LISTED_PROBLEMS)}`,
  );
  const problems = rows.map((row) => ({
    file: asked.file,
    line: Number(row['n']),
    reason: describe(row, asked.time),
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
      time = await createCheckedTable(session, raw, { request, picks });
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

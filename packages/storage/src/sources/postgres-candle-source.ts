/** Candles of a table in PostgreSQL or TimescaleDB: one read-only transaction and a cursor for each symbol. */
import {
  AppError,
  toIntervalLabel,
  type CandleRequest,
  type CandleSource,
  type ColumnMapping,
  type SourceCandle,
  type SourceCell,
} from '@quantbot/core';
import pg from 'pg';
import { matchTable, quoteTable, type CandleTable } from './table-columns.ts';
import { needsUnit, readTableTime, type TableTime } from './table-time.ts';
import { describeDatabase, toTableError } from './table-failures.ts';

const PAGE_ROWS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 120_000;
const PRICES = ['open', 'high', 'low', 'close'] as const;

export interface PostgresCandleOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  /** `candles`, or `market.candles` with its schema. */
  readonly table: string;
  /** Field → column, for columns with unusual names; `symbol` and `timeframe` may be named too. */
  readonly mapping?: ColumnMapping;
  readonly pageRows?: number;
}

/** Connects when the first page is read. USAGE for an address or a table name that cannot be one. */
export function createPostgresCandleSource(options: PostgresCandleOptions): CandleSource {
  const place = describeDatabase(options.url);
  const table = quoteTable(options.table);
  return {
    name: `${options.table} in ${place}`,
    readPages: (request, signal) => readPages({ ...options, place, quoted: table }, request, signal),
    close: () => Promise.resolve(),
  };
}

interface Place extends PostgresCandleOptions {
  readonly place: string;
  readonly quoted: string;
}

async function* readPages(place: Place, request: CandleRequest, signal: AbortSignal): AsyncGenerator<readonly SourceCandle[]> {
  const client = createClient(place.url);
  // A connection that breaks says so to whoever uses it; without a listener the event would end the process.
  client.on('error', () => undefined);
  const stop = (): void => void client.end();
  signal.addEventListener('abort', stop, { once: true });
  try {
    requireGoingOn(signal);
    await client.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await openCursor(client, await findTable(client, place), request);
    yield* readCursor(client, place.pageRows ?? PAGE_ROWS);
    await client.query('COMMIT');
  } catch (error) {
    requireGoingOn(signal);
    throw toTableError(error, place.place);
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => undefined);
  }
}

function requireGoingOn(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('CANCELLED', 'stopped before everything was fetched');
}

function createClient(url: string): pg.Client {
  try {
    return new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'quantbot',
    });
  } catch {
    // The reason is left out: it may repeat the address, and with it the password.
    throw new AppError('USAGE', '--database-url: the address cannot be read; a % in the password is written as %25');
  }
}

interface ReadableTable {
  readonly table: CandleTable;
  readonly time: TableTime;
}

async function findTable(client: pg.Client, { quoted, mapping }: Place): Promise<ReadableTable> {
  const { fields } = await client.query(`SELECT * FROM ${quoted} LIMIT 0`);
  const table = matchTable(
    quoted,
    fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID })),
    mapping ?? {},
  );
  const column = table.columns['timestamp'] ?? '';
  if (!needsUnit(table.timeTypeId)) return { table, time: readTableTime(column, table.timeTypeId, undefined) };
  const { rows } = await client.query<{ largest: number | null }>(`SELECT max(${column})::float8 AS largest FROM ${quoted}`);
  return { table, time: readTableTime(column, table.timeTypeId, rows[0]?.largest ?? undefined) };
}

async function openCursor(client: pg.Client, { table, time }: ReadableTable, request: CandleRequest): Promise<void> {
  const { columns } = table;
  const values: (string | number)[] = [request.fromS, request.toS];
  const column = columns['timestamp'] ?? '';
  const conditions = [`${column} >= ${time.toBoundSql('$1')}`, `${column} < ${time.toBoundSql('$2')}`];
  const requireEqual = (field: string, value: string): void => {
    const name = columns[field];
    if (name === undefined) return;
    values.push(value);
    conditions.push(`${name} = $${String(values.length)}`);
  };
  requireEqual('instrument', request.symbol);
  requireEqual('timeframe', toIntervalLabel(request.intervalS));
  const prices = PRICES.map((field) => `${columns[field] ?? ''}::text AS ${field}`);
  const volume = columns['volume'] === undefined ? `'0'` : `${columns['volume']}::text`;
  await client.query(
    `DECLARE candle_cursor NO SCROLL CURSOR FOR SELECT ${time.secondsSql} AS seconds, ${prices.join(', ')}, ${volume} AS volume
     FROM ${table.table} WHERE ${conditions.join(' AND ')} ORDER BY ${column}`,
    values,
  );
}

type CandleRow = Readonly<Record<'open' | 'high' | 'low' | 'close' | 'volume', SourceCell>> & { readonly seconds: number };

async function* readCursor(client: pg.Client, pageRows: number): AsyncGenerator<readonly SourceCandle[]> {
  for (;;) {
    const { rows } = await client.query<CandleRow>(`FETCH FORWARD ${String(pageRows)} FROM candle_cursor`);
    if (rows.length === 0) return;
    yield rows.map(({ seconds, ...cells }) => ({ timestampS: seconds, ...cells }));
  }
}

/** Which columns of a PostgreSQL table are the fields of a candle, and how each tells the time. Names come from the database, never from text of ours. */
import { AppError, CANDLE_FIELDS, matchNames, type ColumnMapping, type FieldNames } from '@quantbot/core';
import pg from 'pg';

/** As for files, and a column that tells apart the timeframes of one table. */
const TABLE_FIELDS: FieldNames = {
  names: {
    ...CANDLE_FIELDS.names,
    timestamp: [...(CANDLE_FIELDS.names['timestamp'] ?? []), 'bucket'],
    timeframe: ['timeframe', 'interval', 'resolution'],
  },
  optional: [...CANDLE_FIELDS.optional, 'timeframe'],
};

export interface TableColumn {
  readonly name: string;
  /** PostgreSQL's number of the type. */
  readonly typeId: number;
}

export interface CandleTable {
  /** Quoted, ready for SQL. */
  readonly table: string;
  /** Field → quoted column. */
  readonly columns: Readonly<Record<string, string>>;
  readonly timeTypeId: number;
}

/** `candles` or `market.candles` → quoted. USAGE for what can be no name. */
export function quoteTable(text: string): string {
  const parts = text.split('.');
  const isName = (part: string): boolean => part !== '' && !part.includes('\0') && Buffer.byteLength(part) <= 63;
  if (parts.length > 2 || !parts.every(isName)) {
    throw new AppError('USAGE', `--table: expected a table such as candles, or market.candles with its schema, found "${text}"`);
  }
  return parts.map((part) => pg.escapeIdentifier(part)).join('.');
}

/** INVALID_REQUEST when a needed field has no column; the message lists those that are there. */
export function matchTable(table: string, found: readonly TableColumn[], mapping: ColumnMapping): CandleTable {
  const names = found.map(({ name }) => name);
  const matched = matchNames(TABLE_FIELDS, names, mapping);
  if (matched.missing.length > 0) {
    throw new AppError(
      'INVALID_REQUEST',
      `the table ${table} has no column for ${matched.missing.join(', ')}; its columns are ${names.join(', ')}. Name them with --columns, such as time=bucket,close=last`,
    );
  }
  const time = found.find(({ name }) => name === matched.columns['timestamp']);
  return {
    table,
    columns: Object.fromEntries(Object.entries(matched.columns).map(([field, name]) => [field, pg.escapeIdentifier(name)])),
    timeTypeId: time?.typeId ?? 0,
  };
}

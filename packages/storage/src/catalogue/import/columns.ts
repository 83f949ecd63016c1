/** Finds which column of a source is which field of ours: by the user's mapping, else by the usual names. */
import { AppError, type ColumnMapping } from '@quantbot/core';
import type { Picks, SourceColumn } from '../source/source.ts';

/** Field → usual column names, the likeliest first. A field in `optional` may be absent. */
export interface FieldNames {
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly optional: readonly string[];
}

export const CANDLE_FIELDS: FieldNames = {
  names: {
    timestamp: ['timestamp', 'time', 'ts', 'date', 'datetime', 'open_time', 'unix'],
    open: ['open', 'o'],
    high: ['high', 'h'],
    low: ['low', 'l'],
    close: ['close', 'c'],
    volume: ['volume', 'v', 'vol'],
    instrument: ['instrument', 'symbol', 'mint', 'token', 'address', 'pair'],
  },
  optional: ['volume', 'instrument'],
};

export const CALL_FIELDS: FieldNames = {
  names: {
    id: ['id', 'call_id'],
    mint: ['mint', 'token', 'symbol', 'instrument', 'address'],
    caller: ['caller', 'caller_name', 'author', 'channel'],
    ts: ['ts_ms', 'call_ts', 'timestamp', 'time', 'date'],
  },
  optional: ['id'],
};

export interface MatchedColumns {
  readonly picks: Picks;
  readonly ignored: readonly string[];
}

/** `Open Time` and `open-time` are `open_time`. */
function normalise(name: string): string {
  return name.trim().toLowerCase().replaceAll(/[\s-]+/g, '_');
}

function findColumn(columns: readonly SourceColumn[], name: string): SourceColumn | undefined {
  return columns.find((column) => column.name === name) ?? columns.find((column) => normalise(column.name) === normalise(name));
}

function listColumns(columns: readonly SourceColumn[]): string {
  return columns.map((column) => column.name).join(', ');
}

/** A mapping may name a field by any of its usual names: `call_ts=when` and `ts_ms=when` both mean the time of a call. */
function resolveMapping(fields: FieldNames, mapping: ColumnMapping, columns: readonly SourceColumn[]): Map<string, SourceColumn> {
  const resolved = new Map<string, SourceColumn>();
  for (const [key, columnName] of Object.entries(mapping)) {
    const field = Object.keys(fields.names).find((name) => name === key || fields.names[name]?.includes(normalise(key)));
    if (field === undefined) throw new AppError('USAGE', `there is no field "${key}" to map; the fields are ${Object.keys(fields.names).join(', ')}`);
    const column = findColumn(columns, columnName);
    if (column === undefined) throw new AppError('USAGE', `there is no column "${columnName}" to map ${key} to; the columns are ${listColumns(columns)}`);
    resolved.set(field, column);
  }
  return resolved;
}

function requireUnique(file: string, columns: readonly SourceColumn[], picked: SourceColumn): void {
  const twins = columns.filter((column) => normalise(column.name) === normalise(picked.name));
  if (twins.length > 1 && twins.filter((column) => column.name === picked.name).length > 1) {
    throw new AppError('UNREADABLE_FILE', `${file}: the column "${picked.name}" is there twice; rename one of them`);
  }
}

/** INVALID_MARKET_DATA when a needed field has no column; the message lists the columns that are there. */
export function matchColumns(fields: FieldNames, file: string, asked: { columns: readonly SourceColumn[]; mapping: ColumnMapping }): MatchedColumns {
  const { columns } = asked;
  const mapped = resolveMapping(fields, asked.mapping, columns);
  const picks: Record<string, SourceColumn> = {};
  const missing: string[] = [];
  for (const [field, names] of Object.entries(fields.names)) {
    const taken = new Set(mapped.values());
    const free = columns.filter((column) => !taken.has(column));
    const column = mapped.get(field) ?? names.map((name) => findColumn(free, name)).find((found) => found !== undefined);
    if (column !== undefined) {
      requireUnique(file, columns, column);
      picks[field] = column;
    } else if (!fields.optional.includes(field)) {
      missing.push(`${field} (${names.join(', ')})`);
    }
  }
  if (missing.length > 0) {
    const hint = 'name the column by a mapping such as close=last_price';
    throw new AppError('INVALID_MARKET_DATA', `${file}: no column for ${missing.join('; ')}. The columns are ${listColumns(columns)}; ${hint}`);
  }
  const used = new Set(Object.values(picks));
  return { picks, ignored: columns.filter((column) => !used.has(column)).map((column) => column.name) };
}

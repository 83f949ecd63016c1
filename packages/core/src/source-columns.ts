/** The usual names of columns in files of candles and of calls: how a column is taken for a field of ours. */
import { AppError } from './errors.ts';
import type { ColumnMapping } from './market-data.ts';

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

/** `columns`: field → column. `missing`: needed fields without one. `ignored`: columns of no field. */
export interface MatchedNames {
  readonly columns: Readonly<Record<string, string>>;
  readonly missing: readonly string[];
  readonly ignored: readonly string[];
}

/** `Open Time` and `open-time` are `open_time`. */
export function normaliseColumnName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
}

function findName(columns: readonly string[], name: string): string | undefined {
  return columns.find((column) => column === name) ?? columns.find((column) => normaliseColumnName(column) === normaliseColumnName(name));
}

/** A mapping may name a field by any of its usual names: `call_ts=when` and `ts_ms=when` both mean the time of a call. */
function resolveMapping(fields: FieldNames, columns: readonly string[], mapping: ColumnMapping): Map<string, string> {
  const resolved = new Map<string, string>();
  for (const [key, column] of Object.entries(mapping)) {
    const field = Object.keys(fields.names).find((name) => name === key || fields.names[name]?.includes(normaliseColumnName(key)));
    if (field === undefined)
      throw new AppError('USAGE', `there is no field "${key}" to map; the fields are ${Object.keys(fields.names).join(', ')}`);
    const found = findName(columns, column);
    if (found === undefined)
      throw new AppError('USAGE', `there is no column "${column}" to map ${key} to; the columns are ${columns.join(', ')}`);
    resolved.set(field, found);
  }
  return resolved;
}

/** The mapping first, then the usual names without regard to case. USAGE when the mapping names what is not there. */
export function matchNames(fields: FieldNames, columns: readonly string[], mapping: ColumnMapping): MatchedNames {
  const mapped = resolveMapping(fields, columns, mapping);
  const free = columns.filter((column) => ![...mapped.values()].includes(column));
  const found: Record<string, string> = {};
  for (const [field, names] of Object.entries(fields.names)) {
    const column = mapped.get(field) ?? names.map((name) => findName(free, name)).find((name) => name !== undefined);
    if (column !== undefined) found[field] = column;
  }
  const used = new Set(Object.values(found));
  return {
    columns: found,
    missing: Object.keys(fields.names).filter((field) => found[field] === undefined && !fields.optional.includes(field)),
    ignored: columns.filter((column) => !used.has(column)),
  };
}

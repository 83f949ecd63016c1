/** Picks the columns of a source that are fields of ours, or says which are missing. */
import { AppError, matchNames, normaliseColumnName, type ColumnMapping, type FieldNames } from '@quantbot/core';
import type { Picks, SourceColumn } from '../source/source.ts';

export interface MatchedColumns {
  readonly picks: Picks;
  readonly ignored: readonly string[];
}

/** Two columns of one name cannot be told apart, not even by a mapping. */
function requireUnique(file: string, columns: readonly SourceColumn[], picked: string): void {
  if (columns.filter((column) => normaliseColumnName(column.name) === normaliseColumnName(picked)).length > 1) {
    throw new AppError('UNREADABLE_FILE', `${file}: the column "${picked}" is there twice; rename one of them`);
  }
}

/** INVALID_MARKET_DATA when a needed field has no column; the message lists the columns that are there. */
export function matchColumns(
  fields: FieldNames,
  file: string,
  asked: { columns: readonly SourceColumn[]; mapping: ColumnMapping },
): MatchedColumns {
  const names = asked.columns.map((column) => column.name);
  const matched = matchNames(fields, names, asked.mapping);
  if (matched.missing.length > 0) {
    const missing = matched.missing.map((field) => `${field} (${fields.names[field]?.join(', ') ?? ''})`).join('; ');
    throw new AppError(
      'INVALID_MARKET_DATA',
      `${file}: no column for ${missing}. The columns are ${names.join(', ')}; name the right one by a mapping such as close=last_price`,
    );
  }
  const picks: Record<string, SourceColumn> = {};
  for (const [field, name] of Object.entries(matched.columns)) {
    requireUnique(file, asked.columns, name);
    picks[field] = asked.columns.find((column) => column.name === name) ?? { name, sqlType: 'VARCHAR' };
  }
  return { picks, ignored: matched.ignored };
}

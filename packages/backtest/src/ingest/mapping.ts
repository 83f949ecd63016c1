/** The `--map field=column` flags. */
import { AppError, type ColumnMapping } from '@quantbot/core';

/** `['close=last', 'ts_ms=when']` → `{ close: 'last', ts_ms: 'when' }`. USAGE for anything else, and for a field named twice. */
export function parseMapping(flags: readonly string[]): ColumnMapping {
  const mapping = new Map<string, string>();
  for (const flag of flags) {
    const at = flag.indexOf('=');
    const field = flag.slice(0, Math.max(at, 0)).trim();
    const column = flag.slice(at + 1).trim();
    if (field === '' || column === '') throw new AppError('USAGE', `expected a mapping such as close=last_price, found "${flag}"`);
    if (mapping.has(field)) throw new AppError('USAGE', `the field "${field}" is mapped twice`);
    mapping.set(field, column);
  }
  return Object.fromEntries(mapping);
}

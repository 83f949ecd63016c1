/** Small conditions that both databases take. */
import { sql, type RawBuilder, type SqlBool } from 'kysely';

/** `column IN (values)`; PostgreSQL refuses the empty list, which nothing is in. */
export function isOneOf(column: string, values: readonly string[]): RawBuilder<SqlBool> {
  if (values.length === 0) return sql<SqlBool>`1 = 0`;
  return sql<SqlBool>`${sql.ref(column)} IN (${sql.join(values)})`;
}

/** The comparison signs of a query, as SQL; nothing else gets into the text of a statement. */
export const COMPARISONS = { '<': sql`<`, '<=': sql`<=`, '>': sql`>`, '>=': sql`>=`, '=': sql`=` } as const;

/** The pattern of a LIKE with ESCAPE '!' on text in lower case that finds `part` anywhere. */
export function toSearchPattern(part: string): string {
  // No name holds a NUL, and PostgreSQL refuses one even in a pattern.
  const escaped = part.toLowerCase().replace(/[!%_]/g, '!$&').replaceAll('\0', '\u{fffd}');
  return `%${escaped}%`;
}

/** Quoting for DuckDB: nothing from outside (paths, column names, values) enters SQL text except through here. */

/** `it's` → `'it''s'`. */
export function quoteText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** `my "column"` → `"my ""column"""`. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A path for a reading function, as a literal. Those take patterns, so `*`, `?` and `[` of a real name are put in brackets. */
export function quotePath(path: string): string {
  return quoteText(path.replaceAll(/[*?[]/g, '[$&]'));
}

export function quotePaths(paths: readonly string[]): string {
  return `[${paths.map(quotePath).join(', ')}]`;
}

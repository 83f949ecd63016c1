/** Builds CSV (RFC 4180 quoting, LF line ends). Text that a spreadsheet would run as a formula is made harmless; numbers stay numbers. */

export type CsvCell = string | number | boolean | null;

/** Characters with which a spreadsheet may take a cell for a formula. */
const FORMULA_START = /^[=+\-@\t\r]/;

export function toCsvDocument(header: readonly string[], rows: Iterable<readonly CsvCell[]>): string {
  const lines = [header.map(toCsvCell).join(',')];
  for (const row of rows) lines.push(row.map(toCsvCell).join(','));
  return `${lines.join('\n')}\n`;
}

/** Null is an empty cell. Numbers are written so that reading them gives the same number. */
export function toCsvCell(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const harmless = FORMULA_START.test(cell) ? `'${cell}` : cell;
  return /[",\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** ISO 8601 in UTC. */
export function toIsoTime(ms: number): string {
  return new Date(ms).toISOString();
}

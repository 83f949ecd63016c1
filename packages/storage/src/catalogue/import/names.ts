/** How instruments are spelled: without blanks around them, and EVM addresses, which ignore case, in lower case. */
const EVM_ADDRESS = /^0x[0-9a-f]{40}$/i;

export function normaliseInstrument(name: string): string {
  const trimmed = name.trim();
  return EVM_ADDRESS.test(trimmed) ? trimmed.toLowerCase() : trimmed;
}

/** The text of a column without blanks around it; blank is null. */
export function textSql(field: string): string {
  return `nullif(trim(${field}::VARCHAR, ' \t\r\n'), '')`;
}

/** `normaliseInstrument` as SQL. */
export function instrumentSql(field: string): string {
  const text = textSql(field);
  return `CASE WHEN regexp_full_match(${text}, '0[xX][0-9a-fA-F]{40}') THEN lower(${text}) ELSE ${text} END`;
}

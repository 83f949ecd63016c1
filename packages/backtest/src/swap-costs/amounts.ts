/** Amounts of tokens: plain text on the way out, since base units of a token go beyond what a number holds. */

/** 5000 with 18 decimals → `5000000000000000000000`. `decimals` 0 leaves the amount as it is. */
export function toBaseUnits(amount: number, decimals: number): string {
  const [whole = '0', fraction = ''] = toPlainText(amount).split('.');
  if (decimals === 0) return toPlainText(amount);
  return BigInt(`${whole}${fraction.padEnd(decimals, '0').slice(0, decimals)}`).toString();
}

/** A number without an exponent. */
function toPlainText(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const text = String(value);
  return text.includes('e') ? value.toFixed(18) : text;
}

/** An amount that a service gave, as it is to be sent back; undefined for what is no positive amount. */
export function readAmount(value: unknown): string | undefined {
  const text = typeof value === 'number' && Number.isFinite(value) ? toPlainText(Math.max(0, value)) : value;
  if (typeof text !== 'string' || !/^\d+(\.\d+)?$/.test(text)) return undefined;
  return Number(text) > 0 ? text : undefined;
}

/** `data.routes.0.out` in a document; undefined where there is nothing. */
export function pickPath(document: unknown, path: string): unknown {
  let value = document;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** JSON that gives back every double bit for bit: JSON.stringify turns -0 into 0, and NaN and Infinity silently into null. */

/** A failure is a bug of the caller: nothing may hand a number to the store that is not one. */
export function toNumberText(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`a study holds finite numbers or null, found ${String(value)}`);
  return Object.is(value, -0) ? '-0' : String(value);
}

/** As JSON.stringify, for plain data. */
export function toJson(value: unknown): string {
  if (typeof value === 'number') return toNumberText(value);
  if (Array.isArray(value)) return `[${value.map((item) => toJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${toJson(member)}`).join(',')}}`;
}

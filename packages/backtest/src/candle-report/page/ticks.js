// @ts-check
/** Round numbers for axes. */

/**
 * Multiples of 1, 2 or 5 times a power of ten inside [low, high], about `count` of them.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function toTicks(low, high, count) {
  if (!(high > low)) return [low];
  const step = toStep((high - low) / Math.max(1, count));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step);
}

/**
 * Writes the ticks of an axis with as many decimals as their distance needs.
 * @param {readonly number[]} ticks
 * @returns {(value: number) => string}
 */
export function toTickFormat(ticks) {
  const step = Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0)) || Math.abs(ticks[0] ?? 1) || 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (decimals > 9) return (value) => value.toExponential(2);
  const format = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return (value) => format.format(value);
}

/** @param {number} least */
function toStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((each) => each * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/**
 * Round numbers on a logarithmic axis whose values are logarithms: even steps of money while the range is small, else 1, 2 and 5.
 * @param {number} low
 * @param {number} high
 */
export function toLogTicks(low, high) {
  const [from, to] = [Math.exp(low), Math.exp(high)];
  if (to / from < 8) return toTicks(from, to, 5).map(Math.log);
  const first = Math.floor(Math.log10(from));
  const powers = Array.from({ length: Math.ceil(Math.log10(to)) - first + 1 }, (_, index) => 10 ** (first + index));
  const factors = to / from > 1000 ? [1] : [1, 2, 5];
  const values = powers.flatMap((power) => factors.map((factor) => factor * power));
  return values.filter((value) => value >= from && value <= to).map(Math.log);
}

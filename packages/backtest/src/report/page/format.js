// @ts-check
/** How figures read, on the page and in the terminal: one place, so that both show the same text. Times are UTC. */

const formats = {
  whole: new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }),
  cents: new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  tenth: new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  compact: new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 4 }),
  plain: new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 }),
  price: new Intl.NumberFormat('en-US', { maximumSignificantDigits: 5 }),
};

/** @param {string} text */
function withMinus(text) {
  const isZero = /^-[0.,]+%?$/.test(text);
  return isZero ? text.slice(1) : text.replace('-', '−');
}

/** @param {number} value */
export function formatCount(value) {
  return withMinus(formats.whole.format(value));
}

/** 12345.6 → `12,346`, 123.456 → `123.46`. @param {number} value */
export function formatMoney(value) {
  return withMinus((Math.abs(value) >= 1000 ? formats.whole : formats.cents).format(value));
}

/** Always two decimals, so that columns line up; the sign is always shown. @param {number} value */
export function formatProfit(value) {
  const text = withMinus(formats.cents.format(value));
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** At most six or seven characters: 12345.6 → `12,346`, 1234567 → `1.235M`. @param {number} value */
export function formatCompact(value) {
  return withMinus((Math.abs(value) < 99_999.5 ? formats.whole : formats.compact).format(value));
}

/** 0.1234 → `12.3%`; below one percent with two decimals. @param {number} fraction */
export function formatShare(fraction) {
  const percent = fraction * 100;
  const size = Math.abs(percent);
  const format = size >= 1000 ? formats.whole : size > 0 && size < 0.995 ? formats.cents : formats.tenth;
  return `${withMinus(format.format(percent))}%`;
}

/** 0.1234 → `+12.3%`. @param {number} fraction */
export function formatReturn(fraction) {
  const text = formatShare(fraction);
  return fraction > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** 2.5 → `2.5×`. @param {number} value */
export function formatMultiple(value) {
  return `${formats.plain.format(value)}×`;
}

/** Up to four decimals, no grouping surprises for settings. @param {number} value */
export function formatNumber(value) {
  return withMinus(formats.plain.format(value));
}

/** Five significant digits; very small prices in powers of ten. @param {number} value */
export function formatPrice(value) {
  return value !== 0 && Math.abs(value) < 1e-6 ? value.toExponential(4) : formats.price.format(value);
}

/** @param {number} hours */
export function formatHours(hours) {
  return `${formats.plain.format(hours)} h`;
}

/** `2025-05-01 12:05` in UTC. @param {number} ms */
export function formatTime(ms) {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

/** @param {number} ms */
export function formatDate(ms) {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The two largest units: `2 d 4 h`, `35 min`. @param {number} ms */
export function formatDuration(ms) {
  const minutes = Math.round(ms / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return rest > 0 ? `${hours} h ${rest} min` : `${hours} h`;
  return ms > 0 && minutes === 0 ? '< 1 min' : `${rest} min`;
}

/**
 * @typedef {object} FurtherExits those of V1BaselineParams beside target, stop and holding time
 * @property {{ activation_mult: number, trail_pct: number } | undefined} [trailing]
 * @property {{ trigger_mult: number } | undefined} [break_even]
 * @property {readonly { mult: number, fraction: number }[] | undefined} [ladder]
 * @property {readonly { after_hrs: number, tp_mult: number }[] | undefined} [target_decay]
 */

/** `50% at 2×, 25% at 4×`. @param {readonly { mult: number, fraction: number }[]} ladder */
export function formatLadder(ladder) {
  return ladder.map(({ mult, fraction }) => `${formats.plain.format(fraction * 100)}% at ${formatMultiple(mult)}`).join(', ');
}

/** `3× after 12 h, 2× after 24 h`. @param {readonly { after_hrs: number, tp_mult: number }[]} steps */
export function formatDecay(steps) {
  return steps.map(({ after_hrs, tp_mult }) => `${formatMultiple(tp_mult)} after ${formatHours(after_hrs)}`).join(', ');
}

/** `trail 25% from 1.5×; ladder 50% at 2×`; empty without further exits. @param {FurtherExits} params */
export function formatFurtherExits({ trailing, break_even, ladder, target_decay }) {
  return [
    ...(trailing ? [`trail ${formats.plain.format(trailing.trail_pct * 100)}% from ${formatMultiple(trailing.activation_mult)}`] : []),
    ...(break_even ? [`break-even from ${formatMultiple(break_even.trigger_mult)}`] : []),
    ...(ladder ? [`ladder ${formatLadder(ladder)}`] : []),
    ...(target_decay ? [`target ${formatDecay(target_decay)}`] : []),
  ].join('; ');
}

/** Settings in one line: `2.5× / 0.9× / 48 h`, further exits behind it. @param {{ tp_mult: number, sl_mult: number, max_hold_hrs: number } & FurtherExits} params */
export function formatParams(params) {
  const further = formatFurtherExits(params);
  const levels = `${formatMultiple(params.tp_mult)} / ${formatMultiple(params.sl_mult)} / ${formatHours(params.max_hold_hrs)}`;
  return further === '' ? levels : `${levels}; ${further}`;
}

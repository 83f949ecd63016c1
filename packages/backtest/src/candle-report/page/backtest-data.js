// @ts-check
/** The figures that came with the page, and the words for its trades. */
import { formatDuration, formatProfit, formatReturn, formatTime } from '../../report/page/format.js';

/**
 * @typedef {object} Trades columns, one entry per trade in order of opening; `symbol` and `reason` are numbers into the lists of BacktestData
 * @property {number[]} symbol
 * @property {number[]} direction 1 long, -1 short
 * @property {number[]} entryMs
 * @property {number[]} exitMs
 * @property {number[]} units
 * @property {number[]} entryPx
 * @property {number[]} exitPx
 * @property {number[]} pnl
 * @property {number[]} netReturn
 * @property {number[]} costs
 * @property {number[]} mae 0 or less, fraction of the entry price
 * @property {number[]} mfe 0 or more
 * @property {number[]} reason
 *
 * @typedef {object} Curve
 * @property {number[]} ms
 * @property {number[]} equity
 * @property {number[]} drawdown
 * @property {number[]} exposure
 * @property {(number | null)[]} benchmark
 *
 * @typedef {object} Candles columns, one entry per candle; `seconds` when it opens
 * @property {string} symbol
 * @property {number} intervalS
 * @property {number[]} seconds
 * @property {number[]} open
 * @property {number[]} high
 * @property {number[]} low
 * @property {number[]} close
 *
 * @typedef {object} BacktestData
 * @property {number} intervalS of the candles that were traded on
 * @property {number} initialCapital
 * @property {string[]} symbols
 * @property {string[]} reasons
 * @property {Curve} curve
 * @property {Trades} trades
 * @property {Candles[]} charts
 */

/** @returns {BacktestData} */
export function readBacktest() {
  const holder = document.getElementById('backtest-data');
  if (holder === null) throw new Error('the report has no data');
  /** @type {unknown} */
  const parsed = JSON.parse(holder.textContent);
  return /** @type {BacktestData} */ (parsed);
}

const quotes = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });

/** Six significant digits, so that a pip shows; very small prices in powers of ten. @param {number} price */
export function formatQuote(price) {
  return price !== 0 && Math.abs(price) < 1e-6 ? price.toExponential(4) : quotes.format(price);
}

/** @param {Trades} trades @param {number} row */
export function toSideText(trades, row) {
  return trades.direction[row] === 1 ? '▲ long' : '▼ short';
}

/** One line that says everything of a trade. @param {BacktestData} data @param {number} row */
export function describeTrade({ trades, symbols, reasons }, row) {
  /** @param {keyof Trades} name */
  const read = (name) => trades[name][row] ?? 0;
  return [
    `Trade ${row + 1}: ${read('direction') === 1 ? 'long' : 'short'} ${symbols[read('symbol')] ?? ''}`,
    `${formatTime(read('entryMs'))} UTC at ${formatQuote(read('entryPx'))} to ${formatTime(read('exitMs'))} UTC at ${formatQuote(read('exitPx'))}`,
    `${formatProfit(read('pnl'))} (${formatReturn(read('netReturn'))})`,
    `held ${formatDuration(read('exitMs') - read('entryMs'))}`,
    `worst ${formatReturn(read('mae'))}, best ${formatReturn(read('mfe'))}`,
    reasons[read('reason')] ?? '',
  ].join(' · ');
}

/** The largest unit that divides it: 14400 → `4h`. @param {number} seconds */
export function formatInterval(seconds) {
  /** @type {[string, number][]} */
  const units = [
    ['w', 604_800],
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
  ];
  const [name, size] = units.find(([, each]) => seconds % each === 0) ?? ['s', 1];
  return `${seconds / size}${name}`;
}

// @ts-check
/** How figures of a study read, by name, on the page and in the terminal: shares in percent, money grouped, the rest with four significant digits. */
import { formatCount, formatMoney, formatReturn, formatShare } from '../../report/page/format.js';

const shares = new Set([
  ...['max_drawdown', 'current_drawdown', 'ulcer_index', 'volatility', 'win_rate', 'win_rate_decided', 'fee_share'],
  ...['exposure', 'mean_gross_exposure', 'mean_net_exposure'],
]);
const returns = new Set(['total_return', 'cagr', 'benchmark_return', 'excess_return', 'value_at_risk_95', 'expected_shortfall_95']);
const money = new Set(['final_balance', 'average_win', 'average_loss', 'largest_win', 'largest_loss', 'expectancy', 'total_fees']);
const counts = new Set(['trades', 'losing_streak']);
const significant = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

/** `–` for an undefined figure. @param {string} name @param {number | null | undefined} value */
export function formatFigure(name, value) {
  if (value === null || value === undefined) return '–';
  if (returns.has(name)) return formatReturn(value);
  if (shares.has(name)) return formatShare(value);
  if (money.has(name)) return formatMoney(value);
  return counts.has(name) ? formatCount(value) : significant.format(value).replace('-', '−');
}

/** Whole numbers as they are, others with six significant digits: files have them all. @param {number | string | boolean | undefined} value */
export function formatParameter(value) {
  if (value === undefined) return '–';
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value);
}

/** `sharpe_ratio` → `sharpe ratio`. @param {string} name */
export function toLabel(name) {
  return name.replaceAll('_', ' ');
}

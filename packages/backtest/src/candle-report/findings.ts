/** What a backtest found, in sentences: the answer, and what must be known before it is believed. Counts only; figures are the engine's. */
import { toIntervalLabel } from '@quantbot/core';
import type { ShownBacktest } from '../candle-backtest/outcome.ts';
import { plural, type Finding } from '../report/findings.ts';
import { formatCount, formatDate, formatMoney, formatReturn, formatShare } from '../report/page/format.js';
import { readFigure } from './figures.ts';
import { toShortfallLabel } from './words.ts';

/** Below this many trades a result says little about the next ones. A reading aid, not a statistical test. */
const FEW_TRADES = 30;
/** A share of fills decided by assumption from which on it colours the result. */
const MANY_AMBIGUOUS = 0.05;
const LISTED_SYMBOLS = 4;

/** `donchian_regime on EURUSD, 1h candles, 2024-01-01 to 2024-12-31`. */
export function toSubject({ request, result, series }: ShownBacktest): string {
  const names = series.map(({ symbol }) => symbol);
  const listed = names.slice(0, LISTED_SYMBOLS).join(', ');
  const more = names.length > LISTED_SYMBOLS ? ` and ${formatCount(names.length - LISTED_SYMBOLS)} more` : '';
  return `${result.strategy} on ${listed}${more}, ${toIntervalLabel(request.intervalS)} candles${toRange(result.curve.ts_ms)}`;
}

/** The last mark is the end of a candle, at midnight the first moment of the next day. */
function toRange(marks: readonly number[]): string {
  const [first, last] = [marks[0], marks.at(-1)];
  return first === undefined || last === undefined ? '' : `, ${formatDate(first)} to ${formatDate(Math.max(first, last - 1))}`;
}

/** The answer in one or two sentences. */
export function toBacktestAnswer({ result }: ShownBacktest): string {
  const capital = result.curve.equity[0] ?? 0;
  const held = readFigure(result, 'benchmark_return');
  const holding = held === null ? '' : ` Buying and holding gave ${formatReturn(held)}.`;
  if (result.trades.pnl.length === 0) return `Nothing was traded, so ${formatMoney(capital)} stayed what it was.${holding}`;
  const final = readFigure(result, 'final_balance') ?? result.curve.equity.at(-1) ?? capital;
  return `${formatMoney(capital)} became ${formatMoney(final)} (${formatReturn(final / capital - 1)}).${holding}`;
}

/** The engine's notes first: they are what a trader should know before believing the figures. */
export function toBacktestFindings(outcome: ShownBacktest): readonly Finding[] {
  const { result } = outcome;
  const findings = [
    ...result.notes.map((text): Finding => ({ weight: 'caution', text })),
    ...toTradeFindings(outcome),
    ...toDataFindings(outcome),
    ...toShortfallFinding(outcome),
  ];
  const order = { alarm: 0, caution: 1, note: 2 };
  return findings.sort((a, b) => order[a.weight] - order[b.weight]);
}

function toTradeFindings({ result }: ShownBacktest): readonly Finding[] {
  const trades = result.trades.pnl.length;
  if (trades === 0) return [{ weight: 'alarm', text: `The strategy made no trade. ${toWhyNoTrades(result)}` }];
  const findings: Finding[] = [];
  if (trades < FEW_TRADES)
    findings.push({ weight: 'caution', text: `${formatCount(trades)} ${plural(trades, 'trade')}: too few to tell skill from luck.` });
  const fills = result.fills.px.length;
  if (result.ambiguous_fills > 0) {
    const share = result.ambiguous_fills / fills;
    findings.push({
      weight: share >= MANY_AMBIGUOUS ? 'caution' : 'note',
      text: `${formatCount(result.ambiguous_fills)} of ${formatCount(fills)} fills (${formatShare(share)}) were decided by an assumption about the order of prices inside a candle; finer candles would tell.`,
    });
  }
  return findings;
}

function toWhyNoTrades({ symbols, shortfall_counts: shortfalls }: ShownBacktest['result']): string {
  const entries = symbols.reduce((count, { entry_signals }) => count + entry_signals, 0);
  if (entries === 0) return 'No candle gave an entry signal: look at the rules, the range and the warm-up.';
  const reasons = Object.entries(shortfalls).map(([reason, count]) => `${formatCount(count)} ${toShortfallLabel(reason)}`);
  return `There were ${formatCount(entries)} entry signals, but no order was filled${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}.`;
}

function toDataFindings({ series, result }: ShownBacktest): readonly Finding[] {
  const holed = series.filter(({ missingCandles }) => missingCandles > 0);
  const missing = holed.reduce((count, { missingCandles }) => count + missingCandles, 0);
  const findings: Finding[] = [];
  if (missing > 0) {
    const where = holed.length === series.length ? '' : ` of ${holed.map(({ symbol }) => symbol).join(', ')}`;
    findings.push({
      weight: 'note',
      text: `${formatCount(missing)} ${plural(missing, 'candle')}${where} between the first and the last ${missing === 1 ? 'is' : 'are'} missing: the market was closed, or the data has gaps. Nothing was invented for them.`,
    });
  }
  if (result.above_top_rung > 0)
    findings.push({
      weight: 'caution',
      text: `${formatCount(result.above_top_rung)} fills were larger than the top rung of the swap costs and paid its rate: their real costs would have been higher.`,
    });
  return findings;
}

function toShortfallFinding({ result }: ShownBacktest): readonly Finding[] {
  const count = Object.values(result.shortfall_counts).reduce((total, each) => total + each, 0);
  if (count === 0 || result.trades.pnl.length === 0) return [];
  return [
    {
      weight: 'note',
      text: `${formatCount(count)} entry ${plural(count, 'order')} ${count === 1 ? 'was' : 'were'} reduced or not filled; reasons below.`,
    },
  ];
}

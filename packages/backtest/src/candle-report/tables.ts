/** A backtest on candles for a terminal: the answer, key figures, symbols, exits, what was not filled. Same words as the HTML report. */
import type { ShownBacktest } from '../candle-backtest/outcome.ts';
import { formatCount, formatMoney, formatProfit, formatReturn, formatShare } from '../report/page/format.js';
import type { TerminalOptions } from '../report/tables.ts';
import { toTableLines, toTerminalText, toWrappedLines, type TerminalColumn } from '../report/terminal-text.ts';
import { findMainFigures, toFigureText, toSharpeText, type FigureText } from './figures.ts';
import { toBacktestAnswer, toBacktestFindings, toSubject } from './findings.ts';
import { groupExits, type ExitGroup } from './exits.ts';
import { sum, toBacktestSummary, toTradeCounts } from './summary.ts';
import { toExitLabel, toShortfallLabel, toShortfallMeaning } from './words.ts';

interface Style {
  readonly width: number;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

const NARROWEST = 40;
const LABEL_WIDTH = 18;

/** Lines joined by LF, with one at the end. Deterministic: it depends on the outcome and the options alone. */
export function renderCandleBacktestTables(outcome: ShownBacktest, { width, color }: TerminalOptions): string {
  const style: Style = {
    width: Math.max(NARROWEST, width),
    bold: (text) => (color ? `\u001b[1m${text}\u001b[22m` : text),
    dim: (text) => (color ? `\u001b[2m${text}\u001b[22m` : text),
  };
  const blocks = [
    renderHead(outcome, style),
    renderFigures(outcome, style),
    renderSymbols(outcome, style),
    renderExits(outcome, style),
    renderShortfalls(outcome, style),
  ];
  const text = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  // The page writes a typographic minus; in a terminal figures should be easy to copy and to search for.
  return `${text.join('\n\n').replaceAll('−', '-')}\n`;
}

function renderHead(outcome: ShownBacktest, { width, bold, dim }: Style): readonly string[] {
  const findings = toBacktestFindings(outcome);
  const toItem = (text: string): readonly string[] =>
    toWrappedLines(toTerminalText(text), width - 2).map((line, index) => `${index === 0 ? '! ' : '  '}${line}`);
  const ofWeight = (weight: string): readonly string[] =>
    findings.filter((each) => each.weight === weight).flatMap(({ text }) => toItem(text));
  return [
    ...ofWeight('alarm').map(bold),
    ...toWrappedLines(toTerminalText(toSubject(outcome)), width).map(dim),
    ...toWrappedLines(toBacktestAnswer(outcome), width).map(bold),
    ...ofWeight('caution'),
    ...ofWeight('note').map(dim),
  ];
}

function renderFigures({ result }: ShownBacktest, { width, dim }: Style): readonly string[] {
  const figures = findMainFigures(result);
  const { total_trades: trades } = toBacktestSummary(result);
  const read = (name: string): string => withReason(toFigureText(figures, name));
  const facts: readonly (readonly [string, string])[] = [
    ['Final balance', read('final_balance')],
    ['Total return', `${read('total_return')}, buy and hold ${read('benchmark_return')}`],
    ['Max drawdown', read('max_drawdown')],
    ['Sharpe ± s.e.', withReason(toSharpeText(figures))],
    ['Trades', result.trades.pnl.length === 0 ? '0' : `${formatCount(trades)}: ${toTradeCounts(result)}`],
    ['Win rate', read('win_rate')],
    ['Profit factor', read('profit_factor')],
    ['Exposure', read('exposure')],
    ['Costs', `${formatMoney(sum(result.fills.fee))} in fees; slippage is in the prices`],
  ];
  return facts.flatMap(([label, value]) =>
    toWrappedLines(value, width - LABEL_WIDTH).map((line, index) => `${dim((index === 0 ? label : '').padEnd(LABEL_WIDTH))}${line}`),
  );
}

function withReason({ text, reason }: FigureText): string {
  return reason === null ? text : `${text} (${reason})`;
}

function column(title: string, dropOrder = 0, align: 'left' | 'right' = 'right'): TerminalColumn {
  return { title, align, dropOrder };
}

const SYMBOL_COLUMNS = [
  column('Symbol', 0, 'left'),
  column('Profit'),
  column('Trades'),
  column('Entry signals', 2),
  column('Exit signals', 3),
  column('Conflicts', 5),
  column('Candles', 1),
  column('Warm-up', 4),
];

function renderSymbols({ result }: ShownBacktest, { width, bold }: Style): readonly string[] {
  const rows = result.symbols.map((each) => [
    toTerminalText(each.symbol),
    formatProfit(each.pnl),
    formatCount(each.trades),
    formatCount(each.entry_signals),
    formatCount(each.exit_signals),
    formatCount(each.conflicts),
    formatCount(each.candles),
    formatCount(each.warm_up_candles),
  ]);
  return [bold('By symbol'), ...toTableLines({ columns: SYMBOL_COLUMNS, rows }, width)];
}

const EXIT_COLUMNS = [column('Exit', 0, 'left'), column('Trades'), column('Won', 1), column('Profit'), column('Mean return', 2)];

function renderExits({ result }: ShownBacktest, { width, bold }: Style): readonly string[] {
  const groups = groupExits(result);
  if (groups.length === 0) return [];
  const toRow = ({ reason, trades, won, pnl, meanReturn }: ExitGroup): readonly string[] => [
    toTerminalText(toExitLabel(reason)),
    formatCount(trades),
    formatShare(won / trades),
    formatProfit(pnl),
    formatReturn(meanReturn),
  ];
  return [bold('By exit'), ...toTableLines({ columns: EXIT_COLUMNS, rows: groups.map(toRow) }, width)];
}

const SHORTFALL_COLUMNS = [column('Orders reduced or not filled', 0, 'left'), column('Orders'), column('Meaning', 1, 'left')];

function renderShortfalls({ result }: ShownBacktest, { width }: Style): readonly string[] {
  const rows = Object.entries(result.shortfall_counts)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => [toTerminalText(toShortfallLabel(reason)), formatCount(count), toShortfallMeaning(reason)]);
  return rows.length === 0 ? [] : toTableLines({ columns: SHORTFALL_COLUMNS, rows }, width);
}

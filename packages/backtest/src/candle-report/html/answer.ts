/** The top of the report: what was asked, the answer, the strategy beside buying and holding, and what stands against it. */
import type { CandleBacktestOutcome } from '../../candle-backtest/outcome.ts';
import { renderAlarms, renderFindings } from '../../report/html/finding-list.ts';
import { html, type Markup } from '../../report/html/markup.ts';
import { renderTiles, type Tile } from '../../report/html/tiles.ts';
import { formatCount, formatMoney } from '../../report/page/format.js';
import { findMainFigures, readFigure, toFigureText, toSharpeText, type FigureText } from '../figures.ts';
import { toBacktestAnswer, toBacktestFindings, toSubject } from '../findings.ts';
import { sum, toBacktestSummary, toTradeCounts } from '../summary.ts';

export function renderBacktestAnswer(outcome: CandleBacktestOutcome): Markup {
  const findings = toBacktestFindings(outcome);
  return html`<section id="answer" class="answer">
    ${renderAlarms(findings)}
    <p class="question">${toSubject(outcome)}</p>
    <h1 dir="auto">${toBacktestAnswer(outcome)}</h1>
    ${renderFindings(findings)} ${renderTiles(toTiles(outcome))}
  </section>`;
}

function toTiles(outcome: CandleBacktestOutcome): readonly Tile[] {
  const { result } = outcome;
  const figures = findMainFigures(result);
  const read = (name: string): FigureText => toFigureText(figures, name);
  return [
    { label: 'Final balance', value: read('final_balance').text, detail: `from ${formatMoney(result.curve.equity[0] ?? 0)}, after costs` },
    {
      label: 'Total return',
      value: read('total_return').text,
      detail: `buy and hold ${read('benchmark_return').text}`,
      tone: toTone(readFigure(result, 'total_return')),
    },
    { label: 'Max drawdown', value: read('max_drawdown').text, detail: toDrawdownDetail(read('longest_drawdown_days')) },
    toTile('Sharpe ratio', toSharpeText(figures), '± standard error, yearly'),
    { label: 'Trades', value: formatCount(toBacktestSummary(result).total_trades), detail: toTradeCounts(result) },
    toTile('Win rate', read('win_rate'), 'after costs'),
    toTile('Profit factor', read('profit_factor'), 'money won over money lost'),
    toTile('Exposure', read('exposure'), 'of the time in the market'),
    { label: 'Fees', value: formatMoney(sum(result.fills.fee)), detail: toFeeDetail(read('fee_share')) },
  ];
}

function toTile(label: string, { text, reason }: FigureText, detail: string): Tile {
  return { label, value: text, detail: reason ?? detail };
}

function toDrawdownDetail({ text, reason }: FigureText): string {
  return reason === null && text !== '0 min' ? `longest ${text}` : 'of equity at closes';
}

function toFeeDetail({ text, reason }: FigureText): string {
  return reason === null ? `${text} of gross profit` : 'slippage is in the prices';
}

function toTone(value: number | null): Tile['tone'] {
  if (value === null || value === 0) return undefined;
  return value > 0 ? 'gain' : 'loss';
}

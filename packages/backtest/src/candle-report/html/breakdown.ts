/** Where the result comes from: exits, symbols, costs, and the orders that were not filled. */
import type { CandleBacktestOutcome } from '../../candle-backtest/outcome.ts';
import { renderFacts, type Fact } from '../../report/html/facts.ts';
import { html, nameMarkup, type Markup } from '../../report/html/markup.ts';
import { formatCount, formatMoney, formatProfit, formatReturn, formatShare } from '../../report/page/format.js';
import { groupExits } from '../exits.ts';
import { findMainFigures, toFigureText } from '../figures.ts';
import { sum } from '../summary.ts';
import { toExitLabel, toExitMeaning, toShortfallLabel, toShortfallMeaning } from '../words.ts';

export function renderBreakdown(outcome: CandleBacktestOutcome): Markup {
  return html`<section id="breakdown">
    <header><h2>Exits, symbols and costs</h2></header>
    ${renderExits(outcome)} ${renderSymbols(outcome)}
    <h3>Costs</h3>
    ${renderFacts(toCostFacts(outcome))} ${renderShortfalls(outcome)}
  </section>`;
}

function renderTable(name: string, headings: readonly string[], rows: readonly (readonly (string | Markup)[])[]): Markup {
  const heading = (title: string, index: number): Markup => html`<th scope="col" class="${index === 0 ? 'text' : 'number'}">${title}</th>`;
  const cell = (value: string | Markup, index: number): Markup =>
    index === 0 ? html`<th scope="row">${value}</th>` : html`<td class="number">${value}</td>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}">
    <table>
      <thead>
        <tr>
          ${headings.map(heading)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function toned(value: number, text: string): Markup {
  return html`<span class="${value > 0 ? 'gain' : value < 0 ? 'loss' : ''}">${text}</span>`;
}

function renderExits({ result }: CandleBacktestOutcome): Markup {
  const groups = groupExits(result);
  if (groups.length === 0) return html`<p class="empty">Nothing was traded, so nothing was closed.</p>`;
  const rows = groups.map(({ reason, trades, won, pnl, meanReturn }) => [
    html`<span title="${toExitMeaning(reason)}">${toExitLabel(reason)}</span>`,
    formatCount(trades),
    formatShare(won / trades),
    toned(pnl, formatProfit(pnl)),
    formatReturn(meanReturn),
  ]);
  return html`<h3>By exit</h3>
    ${renderTable('Trades by exit', ['Exit', 'Trades', 'Won', 'Profit', 'Mean return'], rows)}`;
}

function renderSymbols({ result }: CandleBacktestOutcome): Markup {
  const rows = result.symbols.map((each) => [
    nameMarkup(each.symbol),
    formatCount(each.trades),
    toned(each.pnl, formatProfit(each.pnl)),
    formatCount(each.entry_signals),
    formatCount(each.exit_signals),
    formatCount(each.conflicts),
    formatCount(each.warm_up_candles),
    formatCount(each.candles),
  ]);
  const headings = ['Symbol', 'Trades', 'Profit', 'Entry signals', 'Exit signals', 'Conflicts', 'Warm-up', 'Candles'];
  return html`<h3>By symbol</h3>
    ${renderTable('Trades by symbol', headings, rows)}`;
}

function toCostFacts({ result }: CandleBacktestOutcome): readonly Fact[] {
  const fees = sum(result.fills.fee);
  const fills = result.fills.fee.length;
  const net = sum(result.trades.pnl);
  return [
    ['Profit of trades before fees', formatProfit(net + sum(result.trades.costs))],
    ['Fees', formatMoney(fees)],
    ['Profit of trades after fees', formatProfit(net)],
    ['Fills', formatCount(fills)],
    ['Fees per fill', fills === 0 ? '—' : formatMoney(fees / fills)],
    ['Fees over gross profit', toFigureText(findMainFigures(result), 'fee_share').text],
    ['Slippage', 'part of every fill price'],
  ];
}

function renderShortfalls({ result }: CandleBacktestOutcome): Markup {
  const counts = Object.entries(result.shortfall_counts).sort(([, a], [, b]) => b - a);
  if (counts.length === 0) return html``;
  return html`<h3>Entry orders reduced or not filled</h3>
    <dl class="reason-list">
      ${counts.map(
        ([reason, count]) =>
          html`<div>
            <dt>${formatCount(count)} · ${toShortfallLabel(reason)}</dt>
            <dd>${toShortfallMeaning(reason)}</dd>
          </div>`,
      )}
    </dl>
    <p class="files">The first thousand stand in <code>shortfalls.csv</code>.</p>`;
}

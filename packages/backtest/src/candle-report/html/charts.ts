/** Frames of the sections that page/backtest.js fills, with a word for readers without JavaScript. */
import { toIntervalLabel } from '@quantbot/core';
import type { CandleBacktestOutcome } from '../../candle-backtest/outcome.ts';
import { html, type Markup } from '../../report/html/markup.ts';
import { formatCount } from '../../report/page/format.js';

function withoutScript(words: string): Markup {
  return html`<noscript><p class="empty">This part needs JavaScript. ${words}</p></noscript>`;
}

function twin(role: string, title: string): Markup {
  return html`<details data-role="${role}">
    <summary>${title}</summary>
    <div></div>
  </details>`;
}

export function renderEquitySection({ result }: CandleBacktestOutcome): Markup {
  const reduced = result.curve.is_reduced
    ? ` The curve is reduced to ${formatCount(result.curve.ts_ms.length)} points that keep every stretch’s lowest and highest; the figures are made of all candles.`
    : '';
  return html`<section id="equity">
    <header><h2>Equity</h2></header>
    <p class="lead">
      The account at the close of candles, beside the same money bought and held in equal parts. Drag to zoom, double-click for the whole; a
      click shows the trade of that moment.${reduced}
    </p>
    <p class="controls">
      <label><input type="checkbox" data-role="log" /> Logarithmic</label>
      <span class="key own">strategy</span> <span class="key benchmark">buy and hold</span>
    </p>
    <output class="readout" data-role="readout"></output>
    <div
      class="chart"
      data-role="chart"
      role="img"
      aria-label="Equity of the strategy and of buying and holding over time, with drawdown and exposure below; the table below holds the points"
    ></div>
    ${twin('curve-table', 'View as table')} ${withoutScript('The points are in equity.csv.')}
  </section>`;
}

export function renderCandleSection({ request, charts, result }: CandleBacktestOutcome): Markup {
  const isTraded = result.trades.pnl.length > 0;
  const traded = toIntervalLabel(request.intervalS);
  const coarse = charts.filter(({ intervalS }) => intervalS > request.intervalS);
  const drawn = [...new Set(coarse.map(({ intervalS }) => toIntervalLabel(intervalS)))].join(', ');
  const isCoarse = coarse.length === 0 ? '' : ` The range is long: the chart has ${drawn} candles, the strategy traded on ${traded}.`;
  return html`<section id="trades">
    <header><h2>Trades</h2></header>
    <p class="lead">
      Every position from flat to flat on the candles it was taken on.${isCoarse} Wheel and drag zoom and move; <kbd>[</kbd> and
      <kbd>]</kbd> go to the trade before and after, in the order of the table.
    </p>
    <div class="controls">
      <label ${result.symbols.length < 2 ? html`hidden` : null}
        >Symbol
        <select data-role="symbol" aria-label="Symbol of the chart"></select
      ></label>
      <span class="steps-between">
        <button type="button" data-role="previous" aria-keyshortcuts="[" ${isTraded ? null : html`disabled`}>‹ Previous trade</button>
        <button type="button" data-role="next" aria-keyshortcuts="]" ${isTraded ? null : html`disabled`}>Next trade ›</button>
      </span>
      <span class="steps-between">
        <button type="button" data-role="zoom-in" aria-label="Zoom in">+</button>
        <button type="button" data-role="zoom-out" aria-label="Zoom out">−</button>
        <button type="button" data-role="whole">Whole range</button>
      </span>
      <span class="drawn" data-role="drawn" aria-live="polite"></span>
    </div>
    <output class="readout" data-role="readout"></output>
    <div class="chart candles" data-role="chart"></div>
    <p class="legend-line" aria-hidden="true" ${isTraded ? null : html`hidden`}>
      <span>▲ long entry</span> <span>▼ short entry</span> <span>● exit of a long</span> <span>■ exit of a short</span>
      <span class="gain">won</span> <span class="loss">lost</span>
    </p>
    <p class="trade-detail" data-role="detail" aria-live="polite"></p>
    ${twin('candle-table', 'View candles as table')}
    <div data-role="filters" class="controls"></div>
    <div data-role="table"></div>
    ${withoutScript('The trades are in trades.csv.')}
  </section>`;
}

export function renderDistribution({ result }: CandleBacktestOutcome): Markup {
  if (result.trades.pnl.length === 0) return html``;
  return html`<section id="distribution">
    <header><h2>How trades went</h2></header>
    <div class="side-by-side">
      <div>
        <h3>Net return of trades</h3>
        <div class="chart" data-role="histogram"></div>
        ${twin('histogram-table', 'View as table')}
      </div>
      <div>
        <h3>Worst and best price on the way</h3>
        <div class="chart" data-role="excursions"></div>
        ${twin('excursion-table', 'View as table')}
      </div>
    </div>
    <p class="lead">
      Returns: how many trades ended with which return on the money put in, after costs. Worst and best: for each trade the worst (MAE) and
      the best (MFE) price seen while it was open, as a share of its entry price; winners that first fell far ask for a wider stop, losers
      that were far ahead for an earlier target. ● long, ■ short; click a trade to see it on the candles.
    </p>
    ${withoutScript('The trades are in trades.csv.')}
  </section>`;
}

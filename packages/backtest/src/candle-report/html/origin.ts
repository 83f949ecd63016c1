/** What the backtest was made of and with: data, strategy, engine, and the command that repeats it. */
import { toIntervalLabel } from '@quantbot/core';
import type { CandleBacktestOutcome, SeriesOrigin } from '../../candle-backtest/outcome.ts';
import { renderFacts, type Fact } from '../../report/html/facts.ts';
import { html, nameMarkup, type Markup } from '../../report/html/markup.ts';
import { renderCommand, toCode, toMachineFacts, toPlaceFacts } from '../../report/html/provenance-section.ts';
import { formatCount, formatTime } from '../../report/page/format.js';
import type { RunProvenance } from '../../report/provenance.ts';

export function renderBacktestOrigin(outcome: CandleBacktestOutcome, provenance: RunProvenance): Markup {
  return html`<section id="origin">
    <h2>Data and provenance</h2>
    <p class="lead">The same data, strategy, parameters, rules and version give the same result. The line below repeats the backtest.</p>
    ${renderCommand(provenance.command)}
    <div class="scroll" tabindex="0" role="region" aria-label="Series">
      <table>
        <thead>
          <tr>
            <th scope="col">Symbol</th>
            <th scope="col">Stored as</th>
            <th scope="col" class="number">Candles</th>
            <th scope="col">First (UTC)</th>
            <th scope="col">Last (UTC)</th>
            <th scope="col" class="number">Missing</th>
            <th scope="col">Content hash</th>
          </tr>
        </thead>
        <tbody>
          ${outcome.series.map((series) => renderSeries(series, outcome.request.intervalS))}
        </tbody>
      </table>
    </div>
    <h3>Made with</h3>
    ${renderFacts(toFacts(outcome, provenance))}
    <p class="files">
      Beside this file: <code>result.json</code> (everything), <code>trades.csv</code>, <code>fills.csv</code>, <code>equity.csv</code>,
      <code>monthly.csv</code>, <code>figures.csv</code>, <code>shortfalls.csv</code>, <code>manifest.json</code>.
    </p>
  </section>`;
}

function renderSeries(series: SeriesOrigin, intervalS: number): Markup {
  const stored = toIntervalLabel(series.storedIntervalS);
  const used = series.storedIntervalS === intervalS ? stored : `${stored}, resampled to ${toIntervalLabel(intervalS)}`;
  return html`<tr>
    <th scope="row">${nameMarkup(series.symbol)}</th>
    <td>${used}</td>
    <td class="number">${formatCount(series.candles)}</td>
    <td>${formatTime(series.firstTimestamp * 1000)}</td>
    <td>${formatTime(series.lastTimestamp * 1000)}</td>
    <td class="number">${formatCount(series.missingCandles)}</td>
    <td><code title="${series.contentHash}">${series.contentHash.slice(0, SHOWN_OF_HASH)}</code></td>
  </tr>`;
}

/** Enough to compare by eye; files hold all of it. */
const SHOWN_OF_HASH = 16;

function toFacts(outcome: CandleBacktestOutcome, provenance: RunProvenance): readonly Fact[] {
  const { strategy } = outcome.request;
  return [
    ...toPlaceFacts(provenance),
    ['Strategy', `${strategy.name} (${strategy.kind === 'rules' ? 'rules in YAML' : 'Python'})`],
    ['Strategy sources', toCode(strategy.sourceHash)],
    ['Data slice', toCode(outcome.slice.id)],
    ['Engine', outcome.engineVersion],
    ['Engine sources', toCode(outcome.engineSourceHash)],
    ...toMachineFacts(provenance),
  ];
}

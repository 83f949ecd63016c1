/** The sections that follow the chosen caller or group: frames that page/main.js fills, with a word for readers without JavaScript. */
import type { V1BaselineOutcome } from '../../v1-baseline/outcome.ts';
import { countBy } from '../findings.ts';
import { toFurtherChoices } from '../grid.ts';
import { formatCount } from '../page/format.js';
import { toReasonLabel, toReasonMeaning } from '../words.ts';
import { html, type Markup } from './markup.ts';

export function renderCapitalSection(): Markup {
  return html`<section id="capital">
    ${renderHeader('Capital over time')}
    <p class="lead">
      Equity at cost: free cash plus what open positions cost. It moves only when a position is closed, so drawdown is that of
      <strong>realised</strong> equity; what a position loses while it is open does not show.
    </p>
    <output class="readout" data-role="readout"></output>
    <div
      class="chart"
      data-role="chart"
      role="img"
      aria-label="Capital over time with the drawdown below it; the table under the charts holds the same figures"
    ></div>
    <details data-role="curve-table">
      <summary>Show as a table</summary>
      <div></div>
    </details>
    ${renderWithoutScript('The points of the curve are in result.json.')}
  </section>`;
}

export function renderHeatMapSection({ param_grid }: V1BaselineOutcome): Markup {
  const axes = [
    { label: 'Hold', role: 'hold', size: param_grid.max_hold_hrs.length },
    ...toFurtherChoices(param_grid).map(({ label, options }, axis) => ({ label, role: `further-${String(axis)}`, size: options.length })),
  ];
  const choices = axes.filter(({ size }) => size > 1);
  return html`<section id="heat-map">
    ${renderHeader('Final capital by target and stop')}
    <p class="lead">
      Every combination with its own fresh capital. A good cell among good cells is worth more than a lone one: neighbours show whether the
      best settings are more than chance.
    </p>
    ${choices.length === 0 ? null : html`<p class="controls">${choices.map(renderChoice)}</p>`}
    <div data-role="map"></div>
    ${renderWithoutScript('Every cell is in grid.csv.')}
  </section>`;
}

function renderChoice({ label, role }: { readonly label: string; readonly role: string }): Markup {
  return html`<label
    >${label}
    <select data-role="${role}"></select
  ></label> `;
}

export function renderTradesSection(): Markup {
  return html`<section id="trades">
    ${renderHeader('Trades')}
    <p class="lead" data-role="params"></p>
    <ul class="counts" data-role="counts"></ul>
    <div data-role="table"></div>
    ${renderWithoutScript('Every trade is in trades.csv.')}
  </section>`;
}

/** Calls left out by the plan are the same for every choice; calls skipped on the way depend on it. */
export function renderNotTradedSection({ data }: V1BaselineOutcome): Markup {
  const counts = countBy(data.excluded.map(({ reason }) => reason));
  return html`<section id="not-traded">
    ${renderHeader('Calls that were not traded')}
    <p class="lead">Left out before the start for want of candles (the same for every choice), or skipped when they came.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Reasons">
      <table class="reasons">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Reason</th>
            <th scope="col" class="number">Calls</th>
            <th scope="col">What it means</th>
          </tr>
        </thead>
        <tbody>
          ${counts.map(([reason, count]) => renderReason(reason, count))}
        </tbody>
        <tbody data-role="skipped-reasons"></tbody>
      </table>
    </div>
    <div data-role="table"></div>
    ${renderWithoutScript('Every call is in skipped.csv.')}
  </section>`;
}

function renderReason(reason: string, count: number): Markup {
  return html`<tr>
    <td>before the start</td>
    <th scope="row">${toReasonLabel(reason)}</th>
    <td class="number">${formatCount(count)}</td>
    <td class="prose">${toReasonMeaning(reason)}</td>
  </tr>`;
}

function renderHeader(title: string): Markup {
  return html`<header>
    <h2>${title}</h2>
    <label class="choice"
      >of
      <select data-role="scope" aria-label="${title} of"></select
    ></label>
  </header>`;
}

function renderWithoutScript(text: string): Markup {
  return html`<noscript><p class="empty">This part is drawn with JavaScript, which is switched off. ${text}</p></noscript>`;
}

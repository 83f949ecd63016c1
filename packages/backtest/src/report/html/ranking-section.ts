/** The ranking of mode `rank`: combinations by the figures of their trades, under a label that nobody can miss. */
import type { V1BaselineOutcome } from '../../v1-baseline/outcome.ts';
import { formatCount, formatDuration, formatNumber, formatParams, formatReturn, formatShare } from '../page/format.js';
import { RANKING_LABEL, RANK_FIGURE_WORDS } from '../words.ts';
import { html, type Markup } from './markup.ts';

/** More rows are in ranking.csv. */
const LISTED = 100;
const MS_PER_HOUR = 3_600_000;
const UNDEFINED = '–';

export function renderRankingSection({ ranking }: V1BaselineOutcome): Markup {
  if (ranking === null) return html``;
  const shown = ranking.ranked.slice(0, LISTED);
  return html`<section id="ranking">
    <h2>${RANKING_LABEL}</h2>
    <p class="lead">
      ${formatCount(ranking.params_evaluated)} combinations over ${formatCount(ranking.trades)} trades, by
      ${RANK_FIGURE_WORDS[ranking.rank_by]}. Returns are of one position after costs. No account is simulated: what a finite capital would
      have made is a question for the modes that simulate one. The first ${formatCount(shown.length)} rows; more are in ranking.csv.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Ranking">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">#</th>
            <th scope="col">Target / stop / hold</th>
            ${['Per trade', 'Winners', 'Profit factor', 'Sharpe per trade', 'Held'].map((title) => html`<th scope="col" class="number">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map(renderRow)}
        </tbody>
      </table>
    </div>
  </section>`;
}

type Row = NonNullable<V1BaselineOutcome['ranking']>['ranked'][number];

function renderRow(row: Row, index: number): Markup {
  const figures = [
    formatReturn(row.expectancy),
    formatShare(row.win_rate),
    row.profit_factor === null ? UNDEFINED : formatNumber(row.profit_factor),
    row.sharpe_per_trade === null ? UNDEFINED : formatNumber(row.sharpe_per_trade),
    formatDuration(row.mean_hold_hrs * MS_PER_HOUR),
  ];
  return html`<tr>
    <td class="number">${formatCount(index + 1)}</td>
    <th scope="row">${formatParams(row.params)}</th>
    ${figures.map((figure) => html`<td class="number">${figure}</td>`)}
  </tr>`;
}

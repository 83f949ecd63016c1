/** All figures of the engine, a column for each period; an undefined one shows a dash and its reason. */
import type { BacktestResult } from '@quantbot/core';
import { html, type Markup } from '../../report/html/markup.ts';
import { groupFigures, toFigureLabel, toFigureText } from '../figures.ts';

const PERIOD_WORDS: Readonly<Record<string, string>> = {
  '30d': 'last 30 days',
  '90d': 'last 90 days',
  '1y': 'last year',
  all: 'whole range',
};

export function renderFiguresSection(result: BacktestResult): Markup {
  const { figures } = result;
  return html`<section id="figures">
    <header><h2>Figures</h2></header>
    <p class="lead">
      Daily returns at UTC midnights, 365 days a year, risk-free rate 0. A dash is a figure that has no value, with the reason; it is never
      replaced by a number.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Figures by period">
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">Figure</th>
            ${figures.map(({ period }) => html`<th scope="col" class="number">${PERIOD_WORDS[period] ?? period}</th>`)}
          </tr>
        </thead>
        ${groupFigures(result).map(
          ([title, names]) =>
            html`<tbody>
              <tr class="group">
                <th scope="rowgroup" colspan="${figures.length + 1}">${title}</th>
              </tr>
              ${names.map((name) => renderFigure(result, name))}
            </tbody>`,
        )}
      </table>
    </div>
  </section>`;
}

function renderFigure({ figures }: BacktestResult, name: string): Markup {
  return html`<tr>
    <th scope="row" title="${name}">${toFigureLabel(name)}</th>
    ${figures.map((period) => {
      const { text, reason } = toFigureText(period, name);
      return reason === null
        ? html`<td class="number">${text}</td>`
        : html`<td class="number undefined" title="${reason}">${text} <small>${reason}</small></td>`;
    })}
  </tr>`;
}

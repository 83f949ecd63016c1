/** Puts the sections of a backtest's report together to one self-contained HTML file, in the look of the other reports. */
import type { CandleBacktestOutcome } from '../../candle-backtest/outcome.ts';
import { readInlineAssets, type PageFiles } from '../../report/html/inline-assets.ts';
import { html, toScriptJson, trustedMarkup, type Markup } from '../../report/html/markup.ts';
import type { RunProvenance } from '../../report/provenance.ts';
import { toSubject } from '../findings.ts';
import { toCandlePageData } from '../page-data.ts';
import { renderBacktestAnswer } from './answer.ts';
import { renderRules } from './assumptions.ts';
import { renderBreakdown } from './breakdown.ts';
import { renderCandleSection, renderDistribution, renderEquitySection } from './charts.ts';
import { renderFiguresSection } from './figures-section.ts';
import { renderMonthlySection } from './monthly.ts';
import { renderBacktestOrigin } from './origin.ts';

const own = (name: string): string => `../../candle-report/page/${name}`;

export const CANDLE_REPORT_FILES: PageFiles = {
  modules: [
    ...['format.js', 'elements.js', 'theme.js', 'sortable-table.js', 'paged-table.js', 'chart-pane.js'],
    ...['backtest-data', 'ticks', 'canvas-frame', 'table-twin', 'equity-panes', 'candle-view', 'candle-drawing', 'trade-drawing'].map(
      (name) => own(`${name}.js`),
    ),
    ...['candle-moves', 'candle-chart', 'trade-list', 'return-histogram', 'excursions', 'backtest'].map((name) => own(`${name}.js`)),
  ],
  styles: ['base.css', 'answer.css', 'chart.css', 'tables.css', 'heat-map.css', 'facts.css', own('backtest.css'), 'narrow-and-print.css'],
};

/** The whole page as text. Works from file://, asks the network for nothing. */
export async function renderCandleReportPage(outcome: CandleBacktestOutcome, provenance: RunProvenance): Promise<string> {
  const assets = await readInlineAssets(CANDLE_REPORT_FILES);
  const subject = toSubject(outcome);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${assets.contentSecurityPolicy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Backtest: ${subject}</title>
        <link rel="icon" href="data:," />
        ${assets.style}
      </head>
      <body>
        ${renderTopBar(outcome, subject)}
        <main>
          ${renderBacktestAnswer(outcome)} ${renderEquitySection(outcome)} ${renderMonthlySection(outcome.result)}
          ${renderCandleSection(outcome)} ${renderDistribution(outcome)} ${renderFiguresSection(outcome.result)} ${renderBreakdown(outcome)}
          ${renderRules(outcome)} ${renderBacktestOrigin(outcome, provenance)}
        </main>
        <footer>
          <p>quantbot ${outcome.engineVersion} · times are UTC · past results, on past data · equity drawn with uPlot (MIT licence)</p>
        </footer>
        <script type="application/json" id="backtest-data">
          ${trustedMarkup(toScriptJson(toCandlePageData(outcome)))}
        </script>
        ${assets.scripts}
      </body>
    </html> `;
  return page.markup;
}

const SECTIONS: readonly (readonly [id: string, title: string])[] = [
  ['equity', 'Equity'],
  ['monthly', 'Months'],
  ['trades', 'Trades'],
  ['distribution', 'Returns'],
  ['figures', 'Figures'],
  ['breakdown', 'Costs'],
  ['assumptions', 'Assumptions'],
  ['origin', 'Provenance'],
];

function renderTopBar({ result }: CandleBacktestOutcome, subject: string): Markup {
  const isTraded = result.trades.pnl.length > 0;
  const sections = SECTIONS.filter(([id]) => isTraded || id !== 'distribution');
  return html`<div class="top-bar">
    <p class="brand"><strong>Backtest</strong> <span>${subject}</span></p>
    <nav aria-label="Sections">${sections.map(([id, title]) => html`<a href="#${id}">${title}</a> `)}</nav>
    <button type="button" id="theme" title="Colours: as the system, light or dark">Theme: system</button>
  </div>`;
}

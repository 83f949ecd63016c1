/** Puts the sections of a study's dashboard together to one self-contained HTML file, in the look of the V1 baseline report. */
import { readInlineAssets, type PageFiles } from '../../report/html/inline-assets.ts';
import { html, toScriptJson, trustedMarkup, type Markup } from '../../report/html/markup.ts';
import { formatTime } from '../../report/page/format.js';
import { toDashboardData } from '../dashboard-data.ts';
import { renderAnswer } from './answer.ts';
import { renderBestSection, renderRejectedSection } from './best-and-rejected.ts';
import { renderEquitySection, renderParallelSection, renderProgressSection, renderSurfaceSection, renderTrialsSection } from './charts.ts';
import type { DashboardPage } from './dashboard-input.ts';
import { renderImportanceSection } from './importance.ts';
import { renderOrigin } from './origin.ts';

const own = (name: string): string => `../../study-report/page/${name}`;

export const DASHBOARD_FILES: PageFiles = {
  modules: [
    'format.js',
    'elements.js',
    'theme.js',
    'sortable-table.js',
    'paged-table.js',
    'chart-pane.js',
    'ramp.js',
    'heat-cells.js',
    ...['figure-text', 'study-data', 'best-so-far', 'top-equity', 'trials-table', 'surface-cells', 'surface'].map((name) =>
      own(`${name}.js`),
    ),
    ...['parallel-axes', 'parallel-drawing', 'parallel', 'dashboard'].map((name) => own(`${name}.js`)),
  ],
  styles: ['base.css', 'answer.css', 'chart.css', 'tables.css', 'heat-map.css', 'facts.css', own('dashboard.css'), 'narrow-and-print.css'],
};

/** The whole page as text. Works from file://, asks the network for nothing. */
export async function renderDashboard(page: DashboardPage): Promise<string> {
  const assets = await readInlineAssets(DASHBOARD_FILES);
  const { study, summary, curves, chosen, columns } = page;
  const isEmpty = chosen.rows.length === 0;
  const markup = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${assets.contentSecurityPolicy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Study ${study.name} · ${study.id}</title>
        <link rel="icon" href="data:," />
        ${assets.style}
      </head>
      <body>
        ${renderTopBar(page, { hasEquity: curves.length > 0, isEmpty })}
        <main>
          ${renderAnswer(page)} ${renderBestSection(page)} ${isEmpty ? null : renderProgressSection({ rows: chosen, trials: columns.rows })}
          ${curves.length > 0 ? renderEquitySection(curves.length) : null} ${isEmpty ? null : renderTrialsSection()}
          ${summary.importance === null ? null : renderImportanceSection(summary.importance)}
          ${isEmpty ? null : html`${renderSurfaceSection()} ${renderParallelSection()}`} ${renderRejectedSection(page)}
          ${renderOrigin(page)}
        </main>
        <footer>
          <p>
            quantbot · written ${formatTime(page.writtenAtMs)} UTC · times are UTC · past results, on past data · charts drawn with uPlot
            (MIT licence)
          </p>
        </footer>
        <script type="application/json" id="study-data">
          ${trustedMarkup(toScriptJson(toDashboardData(page, chosen)))}
        </script>
        ${assets.scripts}
      </body>
    </html> `;
  return markup.markup;
}

function renderTopBar({ study, summary }: DashboardPage, { hasEquity, isEmpty }: { hasEquity: boolean; isEmpty: boolean }): Markup {
  const sections = [
    ['best', 'Best', true],
    ['progress', 'Progress', !isEmpty],
    ['equity', 'Equity', hasEquity],
    ['trials', 'Trials', !isEmpty],
    ['importance', 'Importance', summary.importance !== null],
    ['surface', 'Heat map', !isEmpty],
    ['parallel', 'Parallel', !isEmpty],
    ['rejected', 'Rejected', true],
    ['origin', 'Provenance', true],
  ] as const;
  return html`<div class="top-bar">
    <p class="brand"><strong>Study</strong> <span>${study.name} · ${study.id}</span></p>
    <nav aria-label="Sections">
      ${sections.filter(([, , isShown]) => isShown).map(([id, title]) => html`<a href="#${id}">${title}</a> `)}
    </nav>
    <button type="button" id="theme" title="Colours: as the system, light or dark">Theme: system</button>
  </div>`;
}

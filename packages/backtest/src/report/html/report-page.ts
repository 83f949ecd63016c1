/** Puts the sections together to the one self-contained HTML file. */
import type { Call } from '@quantbot/core';
import type { V1BaselineOutcome } from '../../v1-baseline/outcome.ts';
import { formatDate } from '../page/format.js';
import { toPageData } from '../page-data.ts';
import type { RunProvenance } from '../provenance.ts';
import { renderAnswerSection } from './answer-section.ts';
import { renderAssumptionsSection } from './assumptions-section.ts';
import { renderCallersSection } from './callers-section.ts';
import { renderCapitalSection, renderHeatMapSection, renderNotTradedSection, renderTradesSection } from './chosen-sections.ts';
import { renderDataSection } from './data-section.ts';
import { readInlineAssets } from './inline-assets.ts';
import { html, toScriptJson, trustedMarkup, type Markup } from './markup.ts';
import { renderRankingSection } from './ranking-section.ts';
import { renderProvenanceSection } from './provenance-section.ts';

export interface ReportPageInput {
  readonly outcome: V1BaselineOutcome;
  readonly calls: readonly Call[];
  readonly provenance: RunProvenance;
}

/** The whole page as text. Works from file://, asks the network for nothing. */
export async function renderReportPage({ outcome, calls, provenance }: ReportPageInput): Promise<string> {
  const assets = await readInlineAssets();
  const range = `${formatDate(outcome.data.first_call_ms)} to ${formatDate(outcome.data.last_call_ms)}`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${assets.contentSecurityPolicy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>V1 baseline, ${range} · ${provenance.workspaceName}</title>
        <link rel="icon" href="data:," />
        ${assets.style}
      </head>
      <body>
        ${renderTopBar(outcome, `${provenance.workspaceName} · calls ${range}`)}
        <main>
          ${renderAnswerSection(outcome)} ${outcome.ranking === null ? renderSimulated(outcome) : renderRanked(outcome)}
          ${renderNotTradedSection(outcome)} ${renderDataSection(outcome)} ${renderAssumptionsSection(outcome)}
          ${renderProvenanceSection(outcome, provenance)}
        </main>
        <footer>
          <p>quantbot ${outcome.quantbot_version} · times are UTC · past results, on past data · charts drawn with uPlot (MIT licence)</p>
        </footer>
        <script type="application/json" id="report-data">
          ${trustedMarkup(toScriptJson(toPageData(outcome, calls)))}
        </script>
        ${assets.scripts}
      </body>
    </html> `;
  return page.markup;
}

function renderSimulated(outcome: V1BaselineOutcome): Markup {
  return html`${renderCapitalSection()} ${renderCallersSection(outcome)} ${renderHeatMapSection(outcome)} ${renderTradesSection()}`;
}

/** A ranking has no account: the sections about one stay for the script that fills them, and out of sight. */
function renderRanked(outcome: V1BaselineOutcome): Markup {
  return html`${renderRankingSection(outcome)}
    <div hidden>${renderSimulated(outcome)}</div>`;
}

const OF_AN_ACCOUNT = new Set(['capital', 'heat-map', 'trades']);

const SECTIONS: readonly (readonly [id: string, title: string])[] = [
  ['ranking', 'Ranking'],
  ['capital', 'Capital'],
  ['callers', 'Callers'],
  ['heat-map', 'Heat map'],
  ['trades', 'Trades'],
  ['not-traded', 'Not traded'],
  ['data', 'Data'],
  ['assumptions', 'Assumptions'],
  ['provenance', 'Provenance'],
];

function renderTopBar(outcome: V1BaselineOutcome, subtitle: string): Markup {
  const isRanking = outcome.ranking !== null;
  const sections = SECTIONS.filter(([id]) => {
    if (id === 'ranking') return isRanking;
    if (OF_AN_ACCOUNT.has(id)) return !isRanking;
    return id !== 'callers' || outcome.per_caller !== null;
  });
  return html`<div class="top-bar">
    <p class="brand"><strong>V1 baseline</strong> <span>${subtitle}</span></p>
    <nav aria-label="Sections">${sections.map(([id, title]) => html`<a href="#${id}">${title}</a> `)}</nav>
    <button type="button" id="theme" title="Colours: as the system, light or dark">Theme: system</button>
  </div>`;
}

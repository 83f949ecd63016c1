/** Frames of the sections that page/dashboard.js fills, with a word for readers without JavaScript. */
import { html, type Markup } from '../../report/html/markup.ts';
import { formatCount } from '../../report/page/format.js';
import type { ChosenRows } from '../dashboard-data.ts';

function withoutScript(words: string): Markup {
  return html`<noscript><p class="empty">This part needs JavaScript. ${words}</p></noscript>`;
}

function select(role: string, title: string): Markup {
  return html`<label
    >${title}
    <select data-role="${role}"></select
  ></label>`;
}

export function renderProgressSection({ rows, trials }: { rows: ChosenRows; trials: number }): Markup {
  const shown = rows.rows.length;
  const sample =
    shown < trials
      ? `The charts and tables of this page show ${formatCount(shown)} of ${formatCount(trials)} trials: the best ${formatCount(rows.best)} by the first objective, the best of every other, and an even sample of the rest without failed ones. The best so far is that of all trials, and the files hold all.`
      : 'Each dot is a trial; the line is the best so far of those that meet all criteria, or of all if none does.';
  return html`<section id="progress">
    <header><h2>Best so far</h2></header>
    <p class="lead">${sample}</p>
    <p class="controls">${select('race', 'Objective')}</p>
    <output class="readout" data-role="readout"></output>
    <div
      class="chart"
      data-role="chart"
      role="img"
      aria-label="Values of the trials in the order in which they were tried, and the best so far"
    ></div>
    ${withoutScript('The trials are in trials.csv.')}
  </section>`;
}

export function renderEquitySection(count: number): Markup {
  return html`<section id="equity">
    <header><h2>Equity of the best ${formatCount(count)}</h2></header>
    <p class="lead">
      The best trials by the first objective, simulated again: equity at cost moves only when a position is closed, so what a position loses
      while it is open does not show.
    </p>
    <ul class="keys" data-role="keys"></ul>
    <output class="readout" data-role="readout"></output>
    <div
      class="chart"
      data-role="chart"
      role="img"
      aria-label="Equity of the best trials over time with their drawdowns below; final values stand in the list above"
    ></div>
    ${withoutScript('')}
  </section>`;
}

export function renderTrialsSection(): Markup {
  return html`<section id="trials">
    <header><h2>Trials</h2></header>
    <p class="lead">
      Sorted by the first objective; press a heading to sort by another column. Ranges selected in the parallel coordinates below narrow it
      down.
    </p>
    <p class="controls">${select('period', 'Period')}</p>
    <div data-role="table"></div>
    ${withoutScript('All trials are in trials.csv.')}
  </section>`;
}

export function renderSurfaceSection(): Markup {
  return html`<section id="surface">
    <header><h2>Two parameters against each other</h2></header>
    <p class="lead">
      A good cell among good cells is worth more than a lone one. The robust view takes the median of a cell together with its neighbours: a
      peak that stands alone disappears in it.
    </p>
    <p class="controls">
      ${select('y', 'Down')} ${select('x', 'Across')} ${select('figure', 'Figure')} ${select('kind', 'Cell shows')}
      ${select('period', 'Period')}
    </p>
    <div data-role="map"></div>
    ${withoutScript('All trials are in trials.csv.')}
  </section>`;
}

export function renderParallelSection(): Markup {
  return html`<section id="parallel">
    <header><h2>Parallel coordinates</h2></header>
    <p class="lead">
      Each line is a trial. Drag along an axis to select a range, click it to take the range away. Coloured: the best by the chosen figure,
      blue the best third of them, orange the last; the table of trials above holds the same figures.
    </p>
    <p class="controls">
      ${select('figure', 'Figure')} ${select('period', 'Period')}
      <label
        >Best <input type="range" min="1" max="100" value="20" aria-label="Share of the best trials that is coloured, in percent" />
        <span data-role="percent"></span
      ></label>
      <span data-role="selection" aria-live="polite"></span>
      <button type="button" data-role="clear" hidden>Clear ranges</button>
    </p>
    <div class="scroll">
      <canvas
        role="img"
        aria-label="Parallel coordinates of the trials; ranges can be typed in below, and the table of trials shows the selection"
      ></canvas>
    </div>
    <details>
      <summary>Type ranges</summary>
      <div class="ranges" data-role="ranges"></div>
    </details>
    ${withoutScript('All trials are in trials.csv.')}
  </section>`;
}

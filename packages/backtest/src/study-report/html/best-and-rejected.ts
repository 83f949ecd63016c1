/** Tables that come with the page: the best trial per objective and period, reasons of rejection, failed trials. */
import { html, type Markup } from '../../report/html/markup.ts';
import { formatCount, formatShare } from '../../report/page/format.js';
import { formatFigure, formatParameter, toLabel } from '../page/figure-text.js';
import type { BestTrial } from '../study-summary.ts';
import type { DashboardPage } from './dashboard-input.ts';

const METRICS = ['total_return', 'max_drawdown', 'sharpe_ratio', 'win_rate', 'trades'] as const;

export function renderBestSection({ summary }: DashboardPage): Markup {
  return html`<section id="best">
    <header><h2>Best per objective and period</h2></header>
    <p class="lead">
      Complete trials that meet all criteria, or the best of all where none does. Periods are counted back from the end of the data.
    </p>
    ${summary.best.length === 0 ? html`<p class="empty">No trial has a value yet.</p>` : renderBestTable(summary.best)}
  </section>`;
}

function renderBestTable(best: readonly BestTrial[]): Markup {
  const headings = [
    heading('Objective'),
    heading('Period'),
    heading('Best', true),
    heading('Trial', true),
    heading('Status'),
    ...METRICS.map((name) => heading(toLabel(name), true)),
    heading('Parameters'),
  ];
  return html`<div class="scroll">
    <table id="best-table" data-sortable>
      <thead>
        <tr>
          ${headings}
        </tr>
      </thead>
      <tbody>
        ${best.map(renderBestRow)}
      </tbody>
    </table>
  </div>`;
}

function heading(title: string, isNumber = false): Markup {
  return html`<th scope="col" class="${isNumber ? 'number' : 'text'}" data-kind="${isNumber ? 'number' : 'text'}">
    <button type="button" class="sort">${title}</button>
  </th>`;
}

function renderBestRow(one: BestTrial): Markup {
  const params = Object.entries(one.params).map(([name, value]) => `${name} ${formatParameter(value)}`);
  return html`<tr>
    <td data-value="${one.objective}">${toLabel(one.objective)}</td>
    <td data-value="${one.period}">${one.period}</td>
    <td class="number" data-value="${one.value}">${formatFigure(one.objective, one.value)}</td>
    <td class="number" data-value="${one.number}">#${one.number}</td>
    <td data-value="${one.accepted ? 'accepted' : 'rejected'}">${renderBadges(one)}</td>
    ${METRICS.map((name) => html`<td class="number" data-value="${one.metrics[name] ?? ''}">${formatFigure(name, one.metrics[name])}</td>`)}
    <td class="params" data-value="${params.join(', ')}">${params.join(', ')}</td>
  </tr>`;
}

function renderBadges({ accepted, rejections }: BestTrial): Markup {
  if (accepted) return html`<span class="badge accepted">accepted</span>`;
  return html`<span class="badges">${rejections.map((reason) => html`<span class="badge rejected">${reason}</span>`)}</span>`;
}

export function renderRejectedSection({ summary }: DashboardPage): Markup {
  const { rejections, counts, failures } = summary;
  return html`<section id="rejected">
    <header><h2>Rejected and failed</h2></header>
    <p class="lead">
      Criteria and constraints are judged in the leading period (${summary.study.leading_period}). A rejected trial is kept with its
      figures; a failed one with its error.
    </p>
    ${renderReasons(rejections, counts.recorded)} ${renderFailures(failures.first, counts.failed)}
  </section>`;
}

function renderReasons(rejections: Readonly<Record<string, number>>, trials: number): Markup {
  const rows = Object.entries(rejections);
  if (rows.length === 0) return html`<p class="empty">No trial was rejected.</p>`;
  return html`<div class="scroll">
    <table data-sortable id="reasons-table">
      <thead>
        <tr>
          ${[heading('Not met'), heading('Trials', true), heading('Share', true)]}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([reason, count]) =>
            html`<tr>
              <td data-value="${reason}"><code>${reason}</code></td>
              <td class="number" data-value="${count}">${formatCount(count)}</td>
              <td class="number" data-value="${count / trials}">${formatShare(count / trials)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function renderFailures(first: DashboardPage['summary']['failures']['first'], failed: number): Markup {
  if (failed === 0) return html``;
  const more =
    failed > first.length
      ? html`<p class="lead">The first ${formatCount(first.length)} of ${formatCount(failed)}; trials.jsonl has all, with tracebacks.</p>`
      : null;
  return html`<h3>Failed trials</h3>
    ${more}
    <div class="scroll paged">
      <table id="failures-table" data-sortable>
        <thead>
          <tr>
            ${[heading('Trial', true), heading('Code'), heading('Error')]}
          </tr>
        </thead>
        <tbody>
          ${first.map(
            ({ number, code, message }) =>
              html`<tr>
                <td class="number" data-value="${number}">#${number}</td>
                <td data-value="${code}"><code>${code}</code></td>
                <td class="message" data-value="${message}">${message}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

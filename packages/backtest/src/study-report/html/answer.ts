/** The top of the dashboard: what was searched, the best trial in one sentence, its figures, and what stands against it. */
import { renderAlarms, renderFindings } from '../../report/html/finding-list.ts';
import { html, type Markup } from '../../report/html/markup.ts';
import { renderTiles, type Tile } from '../../report/html/tiles.ts';
import { formatCount, formatShare } from '../../report/page/format.js';
import { formatFigure, formatParameter, toLabel } from '../page/figure-text.js';
import type { BestTrial } from '../study-summary.ts';
import type { DashboardPage } from './dashboard-input.ts';
import { toStudyFindings } from './findings.ts';

export function renderAnswer(page: DashboardPage): Markup {
  const findings = toStudyFindings(page);
  return html`<section id="answer" class="answer">
    ${renderAlarms(findings)}
    <p class="question">${toQuestion(page)}</p>
    <h1 dir="auto">${toAnswer(page)}</h1>
    ${renderTiles(toTiles(page))} ${renderFindings(findings)}
  </section>`;
}

function toQuestion({ study, spec }: DashboardPage): string {
  const names = spec.space.parameters.map(({ name }) => name).join(', ');
  const objectives = study.definition.objectives.map(toLabel).join(', ');
  return `Which ${names} of ${study.definition.strategy} give the highest ${objectives}?`;
}

function toAnswer({ summary }: DashboardPage): string {
  const best = summary.best_overall;
  const { recorded } = summary.counts;
  if (recorded === 0) return 'No trial has been recorded yet.';
  if (best === null) return `None of ${formatCount(recorded)} trials has a value for ${toLabel(summary.study.objectives[0] ?? '')}.`;
  const params = Object.entries(best.params).map(([name, value]) => `${name} ${formatParameter(value)}`);
  const value = `${toLabel(best.objective)} ${formatFigure(best.objective, best.value)}`;
  return `The best of ${formatCount(recorded)} trials is #${String(best.number)}: ${value} with ${params.join(', ')}.`;
}

function toTiles({ summary }: DashboardPage): readonly Tile[] {
  const { counts, best_overall: best, study } = summary;
  const rejected = counts.complete - counts.accepted;
  return [
    ...(best === null ? [] : toBestTiles(best)),
    {
      label: 'Trials',
      value: formatCount(counts.recorded),
      detail: `${study.state}${study.budget === null ? '' : ` · of ${formatCount(study.budget)}`} · ${study.sampler}`,
    },
    {
      label: 'Accepted',
      value: formatCount(counts.accepted),
      detail: `${formatShare(counts.recorded === 0 ? 0 : counts.accepted / counts.recorded)} · ${formatCount(rejected)} rejected`,
    },
    { label: 'Failed, pruned', value: `${formatCount(counts.failed)}, ${formatCount(counts.pruned)}`, detail: 'kept with their reasons' },
  ];
}

function toBestTiles({ objective, period, value, metrics }: BestTrial): readonly Tile[] {
  const totalReturn = metrics['total_return'] ?? null;
  const tone = totalReturn === null || totalReturn === 0 ? undefined : totalReturn > 0 ? 'gain' : 'loss';
  const tiles: Tile[] = [{ label: `Best ${toLabel(objective)}`, value: formatFigure(objective, value), detail: `period ${period}` }];
  const shown = [
    ['total_return', 'Total return', 'after fees and slippage'],
    ['max_drawdown', 'Deepest drawdown', 'of realised equity'],
    ['trades', 'Trades', 'of the best trial'],
  ] as const;
  for (const [name, label, detail] of shown) {
    if (name === objective || metrics[name] === undefined) continue;
    tiles.push({ label, value: formatFigure(name, metrics[name]), detail, tone: name === 'total_return' ? tone : undefined });
  }
  return tiles;
}

/** A study for a terminal: what was asked, how many trials, why some were rejected or failed, and the best. */
import type { TrialRecord } from '@quantbot/core';
import { formatCount } from '../report/page/format.js';
import type { TerminalOptions } from '../report/tables.ts';
import { toTableLines, toTerminalText, toWrappedLines, type TerminalColumn, type TerminalTable } from '../report/terminal-text.ts';
import { formatFigure, formatParameter, toLabel } from './page/figure-text.js';
import { isAccepted } from './study-tally.ts';
import type { StudySummary } from './study-summary.ts';

/** Figures beside the objective, most important first: a narrow terminal drops the last. */
export const SHOWN_METRICS = ['total_return', 'max_drawdown', 'sharpe_ratio', 'win_rate', 'trades'] as const;
const LISTED_FAILURES = 5;

interface Style extends TerminalOptions {
  readonly bold: (text: string) => string;
}

/** `top`: the best trials by the first objective, best first. */
export function renderStudyTables(summary: StudySummary, top: readonly TrialRecord[], options: TerminalOptions): string {
  const style: Style = { ...options, bold: (text) => (options.color ? `\u001b[1m${text}\u001b[22m` : text) };
  const blocks = [
    renderHead(summary, style),
    renderRejections(summary, style),
    renderFailures(summary, style),
    renderTop(summary, top, style),
    renderBest(summary, style),
  ];
  const text = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  // The page writes a typographic minus; in a terminal figures should be easy to copy.
  return `${text.join('\n\n').replaceAll('−', '-')}\n`;
}

function renderHead({ study, counts }: StudySummary, { bold, width }: Style): readonly string[] {
  const trials = study.budget === null ? formatCount(counts.recorded) : `${formatCount(counts.recorded)} of ${formatCount(study.budget)}`;
  const parts = [
    `${trials} trials`,
    `${formatCount(counts.accepted)} accepted`,
    `${formatCount(counts.complete - counts.accepted)} rejected`,
    `${formatCount(counts.pruned)} pruned`,
    `${formatCount(counts.failed)} failed`,
  ];
  const reason = study.reason === null ? '' : ` (${toTerminalText(study.reason)})`;
  const head = `Study ${study.id} · ${toTerminalText(study.name)} · ${study.state}${reason}`;
  const facts = `${toTerminalText(study.strategy)} · ${study.sampler} · seed ${String(study.seed)} · ${parts.join(', ')}`;
  return [...toWrappedLines(head, width).map(bold), ...toWrappedLines(facts, width)];
}

const REASON_COLUMNS: readonly TerminalColumn[] = [
  { title: 'Rejected because of', align: 'left', dropOrder: 0 },
  { title: 'Trials', align: 'right', dropOrder: 0 },
];

function renderRejections({ rejections }: StudySummary, { width }: Style): readonly string[] {
  const rows = Object.entries(rejections).map(([reason, count]) => [toTerminalText(reason), formatCount(count)]);
  return rows.length === 0 ? [] : toTableLines({ columns: REASON_COLUMNS, rows }, width);
}

function renderFailures({ failures, counts }: StudySummary, { width }: Style): readonly string[] {
  if (counts.failed === 0) return [];
  const codes = Object.entries(failures.by_code).map(([code, count]) => `${formatCount(count)} ${code}`);
  const lines = failures.first
    .slice(0, LISTED_FAILURES)
    .flatMap(({ number, code, message }) => toWrappedLines(`  #${String(number)} ${code}: ${toTerminalText(firstLine(message))}`, width));
  const more = counts.failed > LISTED_FAILURES ? [`  and ${formatCount(counts.failed - LISTED_FAILURES)} more`] : [];
  return [`Failed: ${codes.join(', ')}`, ...lines, ...more];
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function renderTop({ study }: StudySummary, top: readonly TrialRecord[], { bold, width }: Style): readonly string[] {
  if (top.length === 0) return [];
  const objective = study.objectives[0] ?? '';
  const title = `Best ${formatCount(top.length)} by ${toLabel(objective)} (${study.leading_period})`;
  return [bold(title), ...toTableLines(toTrialTable(top, { objective, period: study.leading_period }), width)];
}

/** Trials with parameters, the objective, and the metrics that a trader looks at first. */
function toTrialTable(
  trials: readonly TrialRecord[],
  { objective, period }: { readonly objective: string; readonly period: string },
): TerminalTable {
  const names = [...new Set(trials.flatMap(({ params }) => Object.keys(params)))];
  const metrics = SHOWN_METRICS.filter((name) => name !== objective);
  const columns: readonly TerminalColumn[] = [
    { title: 'Trial', align: 'left', dropOrder: 0 },
    { title: toLabel(objective), align: 'right', dropOrder: 0 },
    ...names.map((name): TerminalColumn => ({ title: toTerminalText(name), align: 'right', dropOrder: 1 })),
    ...metrics.map((name, index): TerminalColumn => ({ title: toLabel(name), align: 'right', dropOrder: 2 + index })),
    { title: '', align: 'left', dropOrder: 0 },
  ];
  const rows = trials.map((trial) => {
    const figures = trial.figures.find((each) => each.period === period);
    return [
      `#${String(trial.number)}`,
      formatFigure(objective, figures?.objectives[objective]),
      ...names.map((name) => toTerminalText(formatParameter(trial.params[name]))),
      ...metrics.map((name) => formatFigure(name, figures?.metrics[name])),
      isAccepted(trial) ? '' : 'rejected',
    ];
  });
  return { columns, rows };
}

const BEST_COLUMNS: readonly TerminalColumn[] = [
  { title: 'Objective', align: 'left', dropOrder: 0 },
  { title: 'Period', align: 'left', dropOrder: 0 },
  { title: 'Best', align: 'right', dropOrder: 0 },
  { title: 'Trial', align: 'right', dropOrder: 0 },
  { title: 'Total return', align: 'right', dropOrder: 1 },
];

/** Only if there is more than the one that the table above has. */
function renderBest({ best }: StudySummary, { bold, width }: Style): readonly string[] {
  if (best.length < 2) return [];
  const rows = best.map((one) => [
    toLabel(one.objective),
    one.period,
    formatFigure(one.objective, one.value),
    `#${String(one.number)}`,
    formatFigure('total_return', one.metrics['total_return']),
  ]);
  return [bold('Best per objective and period'), ...toTableLines({ columns: BEST_COLUMNS, rows }, width)];
}

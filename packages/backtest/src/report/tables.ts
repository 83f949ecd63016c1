/** The result for a terminal: the answer, the callers, the group, what was left out. Same words and figures as the HTML report. */
import type { CallerOutcome, V1BaselineOutcome } from '../v1-baseline/outcome.ts';
import { countBy, toAnswer, toFindings } from './findings.ts';
import { hasFurtherExits } from './grid.ts';
import {
  formatCount,
  formatDate,
  formatDuration,
  formatFurtherExits,
  formatHours,
  formatMoney,
  formatMultiple,
  formatNumber,
  formatParams,
  formatReturn,
  formatShare,
} from './page/format.js';
import { toReportScopes } from './scopes.ts';
import { toFittedText, toTableLines, toTerminalText, toWrappedLines, type TerminalColumn } from './terminal-text.ts';
import {
  CALLER_EXCLUSION_WORDS,
  EXIT_WORDS,
  MODE_WORDS,
  RANKING_LABEL,
  RANK_FIGURE_WORDS,
  toReasonLabel,
  toReasonMeaning,
  type CallerExclusion,
} from './words.ts';

export interface TerminalOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** Whether escape sequences for bold and dim may be used. */
  readonly color: boolean;
}

interface Style {
  readonly width: number;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

const LISTED_COMBINATIONS = 10;
const MS_PER_HOUR = 3_600_000;
const NARROWEST = 40;

/** Lines joined by LF, with one at the end. Deterministic: it depends on the outcome and the options alone. */
export function renderV1BaselineTables(outcome: V1BaselineOutcome, { width, color }: TerminalOptions): string {
  const style: Style = {
    width: Math.max(NARROWEST, width),
    bold: (text) => (color ? `\u001b[1m${text}\u001b[22m` : text),
    dim: (text) => (color ? `\u001b[2m${text}\u001b[22m` : text),
  };
  const blocks = [
    renderSummary(outcome, style),
    renderRanking(outcome, style),
    renderCombinations(outcome, style),
    renderCallers(outcome, style),
    renderGroup(outcome, style),
    renderExcluded(outcome, style),
  ];
  // The page writes a typographic minus; in a terminal figures should be easy to copy and to search for.
  const text = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  return `${text.join('\n\n').replaceAll('−', '-')}\n`;
}

function renderSummary(outcome: V1BaselineOutcome, { width, bold, dim }: Style): readonly string[] {
  const { data } = outcome;
  const facts = `${outcome.mode}: ${MODE_WORDS[outcome.mode]} · ${formatCount(data.calls_used)} of ${formatCount(data.calls_found)} calls, ${formatDate(data.first_call_ms)} to ${formatDate(data.last_call_ms)} · ${data.interval} candles`;
  const findings = toFindings(outcome);
  const toItem = ({ text }: { readonly text: string }): readonly string[] =>
    toWrappedLines(text, width - 2).map((line, index) => `${index === 0 ? '! ' : '  '}${line}`);
  return [
    ...findings
      .filter(({ weight }) => weight === 'alarm')
      .flatMap(toItem)
      .map(bold),
    ...toWrappedLines(`V1 baseline, ${facts}`, width).map(dim),
    ...toWrappedLines(toTerminalText(toAnswer(outcome)), width).map(bold),
    ...findings.filter(({ weight }) => weight === 'caution').flatMap(toItem),
    ...findings
      .filter(({ weight }) => weight === 'note')
      .flatMap(toItem)
      .map(dim),
  ];
}

function column(title: string, dropOrder = 0, align: 'left' | 'right' = 'right'): TerminalColumn {
  return { title, align, dropOrder };
}

const CALLER_COLUMNS = [
  column('Caller', 0, 'left'),
  column('Return'),
  column('Final', 1),
  column('Drawdown', 4),
  column('Target'),
  column('Stop'),
  column('Hold', 3),
  column('Plateau', 7),
  column('Trades'),
  column('Calls', 5),
  column('Skipped', 6),
  column('Verdict', 2, 'left'),
];

function renderCallers(outcome: V1BaselineOutcome, { width, bold, dim }: Style): readonly string[] {
  const callers = outcome.per_caller;
  if (callers === null || callers.length === 0) return [];
  const selected = new Set(outcome.grouped?.selected_callers ?? []);
  const rows = callers.map((caller) => toCallerRow(caller, selected.has(caller.caller)));
  const [heading = '', ...lines] = toTableLines({ columns: CALLER_COLUMNS, rows }, width);
  return [bold('Callers, each alone with the best settings'), heading, ...lines, ...renderFurtherOfCallers(callers, { width, bold, dim })];
}

/** Further exits are too long for a column: a line for each caller that has any. */
function renderFurtherOfCallers(callers: readonly CallerOutcome[], { width, dim }: Style): readonly string[] {
  return callers.flatMap(({ caller, best_params: params, no_trades: isUntraded }) => {
    const further = formatFurtherExits(params);
    return further === '' || isUntraded ? [] : [dim(toFittedText(`  ${toTerminalText(caller)}: ${toPlainText(further)}`, width))];
  });
}

function toCallerRow(caller: CallerOutcome, isSelected: boolean): readonly string[] {
  const { tp_mult, sl_mult, max_hold_hrs } = caller.best_params;
  const whenTraded = (text: string): string => (caller.no_trades ? '-' : text);
  return [
    toTerminalText(caller.caller),
    whenTraded(formatReturn(caller.best_total_return)),
    formatMoney(caller.best_final_capital),
    caller.best_result === null ? '-' : whenTraded(formatShare(caller.best_result.max_drawdown)),
    whenTraded(toPlainMultiple(tp_mult)),
    whenTraded(toPlainMultiple(sl_mult)),
    whenTraded(formatHours(max_hold_hrs)),
    whenTraded(formatMoney(caller.best_plateau.score)),
    formatCount(caller.trades_executed),
    formatCount(caller.calls),
    formatCount(caller.trades_skipped),
    toVerdict(caller, isSelected),
  ];
}

function toVerdict(caller: CallerOutcome, isSelected: boolean): string {
  const flags = (Object.keys(CALLER_EXCLUSION_WORDS) as CallerExclusion[]).filter(
    (reason) => caller[reason] && (reason === 'no_trades' || !caller.no_trades),
  );
  return [...(isSelected ? ['in group'] : []), ...flags.map((reason) => CALLER_EXCLUSION_WORDS[reason].label)].join(', ');
}

function renderGroup(outcome: V1BaselineOutcome, { width, bold }: Style): readonly string[] {
  if (outcome.grouped === null) return [];
  const scope = toReportScopes(outcome).find(({ kind }) => kind === 'group');
  if (scope === undefined) return [bold('Group'), 'No caller passed the filters.'];
  const further = formatFurtherExits(scope.params);
  const exits = countBy(scope.result?.completed_trades.map(({ exit_reason }) => EXIT_WORDS[exit_reason].label) ?? []);
  const skips = countBy(scope.result?.skipped_calls.map(({ reason }) => toReasonLabel(reason)) ?? []);
  const list = (counts: typeof exits): string => counts.map(([label, count]) => `${formatCount(count)} ${label}`).join(', ') || 'none';
  const facts: readonly (readonly [string, string])[] = [
    ['Members', outcome.grouped.selected_callers.map(toTerminalText).join(', ')],
    [
      'Target / stop / hold',
      `${toPlainMultiple(scope.params.tp_mult)} / ${toPlainMultiple(scope.params.sl_mult)} / ${formatHours(scope.params.max_hold_hrs)} (means of the members' best)`,
    ],
    ...(further === '' ? [] : [['Further exits', toPlainText(further)] as const]),
    [
      'Final capital',
      `${formatMoney(scope.finalCapital)} (${formatReturn(scope.totalReturn)}) from ${formatMoney(outcome.simulator_config.initial_capital)}`,
    ],
    ['Deepest drawdown', scope.result === null ? '-' : `${formatShare(scope.result.max_drawdown)} of realised equity`],
    ['Trades', `${formatCount(scope.tradesExecuted)}: ${list(exits)}`],
    ['Skipped', `${formatCount(scope.tradesSkipped)}: ${list(skips)}`],
  ];
  return [bold('Group on one shared capital'), ...facts.map(([label, value]) => `${label.padEnd(22)}${toFittedText(value, width - 22)}`)];
}

function renderCombinations({ optimize, param_grid }: V1BaselineOutcome, { width, bold }: Style): readonly string[] {
  if (optimize === null) return [];
  const hasFurther = hasFurtherExits(param_grid);
  const { params, score, cells } = optimize.best_plateau;
  const plateau = `Best plateau: ${toPlainText(formatParams(params))}, ${formatMoney(score)} on average over ${formatCount(cells)} neighbouring combinations`;
  const columns = [
    column('#'),
    column('Target'),
    column('Stop'),
    column('Hold'),
    ...(hasFurther ? [column('Also', 0, 'left')] : []),
    column('Final'),
    column('Return'),
    column('Trades', 1),
    column('Skipped', 2),
  ];
  const rows = optimize.all_results
    .slice(0, LISTED_COMBINATIONS)
    .map(({ params, result }, index) => [
      String(index + 1),
      toPlainMultiple(params.tp_mult),
      toPlainMultiple(params.sl_mult),
      formatHours(params.max_hold_hrs),
      ...(hasFurther ? [toPlainText(formatFurtherExits(params))] : []),
      formatMoney(result.final_capital),
      formatReturn(result.total_return),
      formatCount(result.trades_executed),
      formatCount(result.trades_skipped),
    ]);
  return [
    bold(`Best ${formatCount(rows.length)} of ${formatCount(optimize.params_evaluated)} combinations`),
    ...toTableLines({ columns, rows }, width),
    ...toWrappedLines(plateau, width),
  ];
}

function renderRanking({ ranking }: V1BaselineOutcome, { width, bold }: Style): readonly string[] {
  if (ranking === null) return [];
  const columns = [
    column('#'),
    column('Target / stop / hold', 0, 'left'),
    column('Per trade'),
    column('Winners'),
    column('Profit factor', 1),
    column('Sharpe', 2),
    column('Held', 3),
  ];
  const rows = ranking.ranked
    .slice(0, LISTED_COMBINATIONS)
    .map((row, index) => [
      String(index + 1),
      toPlainText(formatParams(row.params)),
      formatReturn(row.expectancy),
      formatShare(row.win_rate),
      row.profit_factor === null ? '-' : formatNumber(row.profit_factor),
      row.sharpe_per_trade === null ? '-' : formatNumber(row.sharpe_per_trade),
      formatDuration(row.mean_hold_hrs * MS_PER_HOUR),
    ]);
  return [
    bold(
      `${RANKING_LABEL}: best ${formatCount(rows.length)} of ${formatCount(ranking.params_evaluated)} by ${RANK_FIGURE_WORDS[ranking.rank_by]}`,
    ),
    ...toTableLines({ columns, rows }, width),
  ];
}

function renderExcluded({ data }: V1BaselineOutcome, { width, bold }: Style): readonly string[] {
  if (data.excluded.length === 0) return [];
  const rows = countBy(data.excluded.map(({ reason }) => reason)).map(([reason, count]) => {
    const start = `${formatCount(count).padStart(7)}  ${toReasonLabel(reason).padEnd(18)}`;
    return toFittedText(`${start}${toReasonMeaning(reason)}`, width);
  });
  return [bold('Calls left out before the start'), ...rows];
}

/** ASCII `x`: the multiplication sign is ambiguous in width. */
function toPlainMultiple(value: number): string {
  return toPlainText(formatMultiple(value));
}

function toPlainText(text: string): string {
  return text.replaceAll('×', 'x');
}

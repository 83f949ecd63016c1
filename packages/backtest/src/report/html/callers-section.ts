/** The table of callers: what each would have made alone with the best settings, and why some are not in the group. */
import type { CallerOutcome, V1BaselineOutcome } from '../../v1-baseline/outcome.ts';
import { hasFurtherExits } from '../grid.ts';
import {
  formatCount,
  formatFurtherExits,
  formatHours,
  formatMoney,
  formatMultiple,
  formatParams,
  formatReturn,
  formatShare,
} from '../page/format.js';
import { CALLER_EXCLUSION_WORDS, toReasonLabel, type CallerExclusion } from '../words.ts';
import { html, nameMarkup, type Markup } from './markup.ts';

export function renderCallersSection(outcome: V1BaselineOutcome): Markup {
  const callers = outcome.per_caller;
  if (callers === null) return html``;
  return html`<section id="callers">
    <h2>Callers</h2>
    <p class="lead">
      Each caller alone, with the whole initial capital and the best of the combinations tried. Choose a name to see its capital, heat map
      and trades.
    </p>
    ${callers.length === 0 ? html`<p class="empty">No caller has a usable call.</p>` : renderTable(outcome, callers)}
  </section>`;
}

const COLUMNS: readonly (readonly [title: string, kind: 'text' | 'number', hint?: string])[] = [
  ['Caller', 'text'],
  ['Return', 'number'],
  ['Final', 'number', 'Final capital'],
  ['Drawdown', 'number', 'Deepest fall of realised equity from its peak'],
  ['Target', 'number', 'Best take-profit, as a multiple of the entry price'],
  ['Stop', 'number', 'Best stop-loss, as a multiple of the entry price'],
  ['Hold', 'number', 'Best longest holding time'],
  ['Also', 'text', 'Best further exits: trailing and break-even stop, ladder, target with time'],
  ['Plateau', 'number', 'Mean final capital of the best combination and its neighbours: high where chance alone cannot be'],
  ['Trades', 'number'],
  ['Calls', 'number', 'Calls with candles'],
  ['Skipped', 'number', 'Calls with candles that were not traded'],
  ['No data', 'number', 'Calls left out because candles are missing'],
  ['Verdict', 'text'],
  ['Skipped because', 'text'],
];

function renderTable(outcome: V1BaselineOutcome, callers: readonly CallerOutcome[]): Markup {
  const leftOut = countLeftOut(outcome);
  const hasFurther = hasFurtherExits(outcome.param_grid);
  const selected = new Set(outcome.grouped?.selected_callers ?? []);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Callers">
    <table id="callers-table" data-sortable>
      <thead>
        <tr>
          ${COLUMNS.filter(([title]) => hasFurther || title !== 'Also').map(renderHeading)}
        </tr>
      </thead>
      <tbody>
        ${callers.map((caller) => renderRow(caller, { leftOut: leftOut.get(caller.caller) ?? 0, isSelected: selected.has(caller.caller), hasFurther }))}
      </tbody>
    </table>
  </div>`;
}

function renderHeading([title, kind, hint]: (typeof COLUMNS)[number]): Markup {
  return html`<th scope="col" class="${kind}" data-kind="${kind}">
    <button type="button" class="sort" title="${hint ?? ''}">${title}</button>
  </th>`;
}

interface RowContext {
  readonly leftOut: number;
  readonly isSelected: boolean;
  readonly hasFurther: boolean;
}

function renderRow(caller: CallerOutcome, { leftOut, isSelected, hasFurther }: RowContext): Markup {
  const order = isSelected ? 0 : caller.no_trades ? 3 : caller.collapsed_capital ? 2 : 1;
  return html`<tr>
    <th scope="row" data-value="${caller.caller}">
      <button type="button" class="choose" data-caller="${caller.caller}">${nameMarkup(caller.caller)}</button>
    </th>
    ${renderFigures(caller)} ${hasFurther ? renderFurther(caller) : null} ${renderPlateau(caller)} ${countCell(caller.trades_executed)}
    ${countCell(caller.calls)} ${countCell(caller.trades_skipped)} ${countCell(leftOut)}
    <td class="badges" data-value="${order}">${renderBadges(caller, isSelected)}</td>
    ${renderSkipReasons(caller)}
  </tr>`;
}

/** Return to hold; a caller without trades has no best settings worth showing. */
function renderFigures(caller: CallerOutcome): readonly Markup[] {
  const { tp_mult, sl_mult, max_hold_hrs } = caller.best_params;
  const drawdown = caller.best_result?.max_drawdown;
  const tone = caller.best_total_return > 0 ? 'gain' : caller.best_total_return < 0 ? 'loss' : '';
  const whenTraded = (text: string): string => (caller.no_trades ? '–' : text);
  return [
    numberCell(caller.best_total_return, whenTraded(formatReturn(caller.best_total_return)), tone),
    numberCell(caller.best_final_capital, formatMoney(caller.best_final_capital)),
    numberCell(drawdown ?? -1, drawdown === undefined ? '–' : whenTraded(formatShare(drawdown))),
    numberCell(tp_mult, whenTraded(formatMultiple(tp_mult))),
    numberCell(sl_mult, whenTraded(formatMultiple(sl_mult))),
    numberCell(max_hold_hrs, whenTraded(formatHours(max_hold_hrs))),
  ];
}

function renderFurther({ best_params: params, no_trades: isUntraded }: CallerOutcome): Markup {
  const text = isUntraded ? '' : formatFurtherExits(params);
  return html`<td class="because" data-value="${text}" title="${text}">${text}</td>`;
}

function renderPlateau({ best_plateau: { params, score, cells }, no_trades: isUntraded }: CallerOutcome): Markup {
  const hint = `${formatParams(params)}, mean of ${formatCount(cells)} combinations`;
  return html`<td class="number" data-value="${score}" title="${hint}">${isUntraded ? '–' : formatMoney(score)}</td>`;
}

function countCell(count: number): Markup {
  return numberCell(count, formatCount(count));
}

function numberCell(value: number, text: string, tone = ''): Markup {
  return html`<td class="number ${tone}" data-value="${value}">${text}</td>`;
}

function renderSkipReasons(caller: CallerOutcome): Markup {
  const reasons = Object.entries(caller.skipped_by_reason).filter(([, count]) => count > 0);
  const breakdown = reasons.map(([reason, count]) => `${formatCount(count)} ${toReasonLabel(reason)}`).join(', ');
  return html`<td class="because" data-value="${breakdown}" title="${breakdown}">${breakdown}</td>`;
}

const EXCLUSIONS: readonly CallerExclusion[] = ['no_trades', 'collapsed_capital', 'requires_extreme_params'];

function renderBadges(caller: CallerOutcome, isSelected: boolean): readonly Markup[] {
  const flags = EXCLUSIONS.filter((reason) => caller[reason] && !(reason === 'requires_extreme_params' && caller.no_trades));
  const badges = flags.map(
    (reason) =>
      html`<span class="badge ${reason}" title="${CALLER_EXCLUSION_WORDS[reason].meaning}">${CALLER_EXCLUSION_WORDS[reason].label}</span> `,
  );
  return isSelected
    ? [html`<span class="badge in-group" title="Traded together with the other selected callers">in group</span> `, ...badges]
    : badges;
}

function countLeftOut({ data }: V1BaselineOutcome): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { caller } of data.excluded) counts.set(caller, (counts.get(caller) ?? 0) + 1);
  return counts;
}

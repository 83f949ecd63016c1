/** The top of the report: what was asked, the answer in one sentence, the figures behind it, and what the answer is worth. */
import type { V1BaselineOutcome } from '../../v1-baseline/outcome.ts';
import { countProfitableCallers, findMainScope, toAnswer, toFindings, toQuestion } from '../findings.ts';
import { formatCount, formatFurtherExits, formatMoney, formatMultiple, formatHours, formatReturn, formatShare } from '../page/format.js';
import { renderAlarms, renderFindings } from './finding-list.ts';
import { html, type Markup } from './markup.ts';
import { renderTiles, type Tile } from './tiles.ts';

export function renderAnswerSection(outcome: V1BaselineOutcome): Markup {
  const findings = toFindings(outcome);
  return html`<section id="answer" class="answer">
    ${renderAlarms(findings)}
    <p class="question">${toQuestion(outcome)}</p>
    <h1 dir="auto">${toAnswer(outcome)}</h1>
    ${renderTiles(toTiles(outcome))} ${renderFindings(findings)}
  </section>`;
}

function toTiles(outcome: V1BaselineOutcome): readonly Tile[] {
  return [...toMainTiles(outcome), ...toCallerTile(outcome), toCallsTile(outcome)];
}

function toMainTiles(outcome: V1BaselineOutcome): readonly Tile[] {
  const scope = findMainScope(outcome);
  if (scope === undefined) return [];
  const who = { group: 'the group', all: 'the best combination', caller: 'the best caller' }[scope.kind];
  if (scope.tradesExecuted === 0)
    return [{ label: 'Final capital', value: 'no trades', detail: `${formatCount(scope.tradesSkipped)} calls skipped` }];
  const { tp_mult, sl_mult, max_hold_hrs } = scope.params;
  return [
    {
      label: 'Final capital',
      value: formatMoney(scope.finalCapital),
      detail: `of ${who}, from ${formatMoney(outcome.simulator_config.initial_capital)}`,
    },
    {
      label: 'Total return',
      value: formatReturn(scope.totalReturn),
      detail: 'after fees and slippage',
      tone: scope.totalReturn > 0 ? 'gain' : scope.totalReturn < 0 ? 'loss' : undefined,
    },
    ...(scope.result === null
      ? []
      : [{ label: 'Deepest drawdown', value: formatShare(scope.result.max_drawdown), detail: 'of realised equity' }]),
    { label: 'Trades', value: formatCount(scope.tradesExecuted), detail: `${formatCount(scope.tradesSkipped)} calls skipped` },
    {
      label: 'Target / stop',
      value: `${formatMultiple(tp_mult)} / ${formatMultiple(sl_mult)}`,
      detail: [`held at most ${formatHours(max_hold_hrs)}`, formatFurtherExits(scope.params)].filter(Boolean).join('; '),
    },
  ];
}

function toCallerTile(outcome: V1BaselineOutcome): readonly Tile[] {
  if (outcome.per_caller === null) return [];
  const selected = outcome.grouped?.selected_callers.length;
  return [
    {
      label: 'Callers in profit',
      value: `${formatCount(countProfitableCallers(outcome))} of ${formatCount(outcome.per_caller.length)}`,
      detail: selected === undefined ? 'alone, best settings' : `${formatCount(selected)} in the group`,
    },
  ];
}

function toCallsTile({ data }: V1BaselineOutcome): Tile {
  return {
    label: 'Calls judged',
    value: formatCount(data.calls_used),
    detail: `of ${formatCount(data.calls_found)} found, on ${data.interval} candles`,
  };
}

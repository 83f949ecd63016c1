/** The top of the report: what was asked, the answer in one sentence, the figures behind it, and what the answer is worth. */
import type { V1BaselineOutcome } from '../../v1-baseline/outcome.ts';
import { countProfitableCallers, findMainScope, toAnswer, toFindings, toQuestion, type Finding } from '../findings.ts';
import { formatCount, formatFurtherExits, formatMoney, formatMultiple, formatHours, formatReturn, formatShare } from '../page/format.js';
import { html, type Markup } from './markup.ts';

export function renderAnswerSection(outcome: V1BaselineOutcome): Markup {
  const findings = toFindings(outcome);
  return html`<section id="answer" class="answer">
    ${findings.filter(({ weight }) => weight === 'alarm').map(renderAlarm)}
    <p class="question">${toQuestion(outcome)}</p>
    <h1 dir="auto">${toAnswer(outcome)}</h1>
    <dl class="tiles">${toTiles(outcome).map(renderTile)}</dl>
    <ul class="findings">
      ${findings.filter(({ weight }) => weight !== 'alarm').map(renderFinding)}
    </ul>
  </section>`;
}

function renderAlarm({ text }: Finding): Markup {
  return html`<p class="alarm" role="alert"><strong>Read this first.</strong> ${text}</p>`;
}

function renderFinding({ weight, text }: Finding): Markup {
  return html`<li class="${weight}">${text}</li>`;
}

interface Tile {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
  readonly tone?: 'gain' | 'loss' | undefined;
}

function renderTile({ label, value, detail, tone }: Tile): Markup {
  return html`<div class="tile">
    <dt>${label}</dt>
    <dd class="value ${tone}">${value}</dd>
    <dd class="detail">${detail}</dd>
  </div>`;
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

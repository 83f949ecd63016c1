/** Every rule behind the figures with its value and in words, the parameters, and the rules that are not options. */
import type { CandleBacktestOutcome } from '../../candle-backtest/outcome.ts';
import { renderFacts } from '../../report/html/facts.ts';
import { html, type Markup } from '../../report/html/markup.ts';
import { toCode } from '../../report/html/provenance-section.ts';
import { formatCount, formatShare } from '../../report/page/format.js';
import { formatParameter } from '../../study-report/page/figure-text.js';
import { toRuleAssumptions, type Assumption } from '../rule-words.ts';

const FIXED_RULES: readonly string[] = [
  'A signal knows its candle’s close and nothing later. Candles before the range only warm indicators up and are never traded.',
  'Inside a candle: first the open with gaps and waiting market orders, exits before entries; then stops before targets as intrabar says; then the close, where trailing stops move, time limits and risk limits are checked and signals are read.',
  'A trailing stop is tested against the level it had before the candle.',
  'Symbols share one cash account, entries in the order in which the symbols were named. Money that is not there is not spent: an order is reduced or skipped, and recorded.',
  'Shorts are fully covered by cash.',
  'Equity is cash and open positions at the close of each candle.',
];

export function renderRules(outcome: CandleBacktestOutcome): Markup {
  const { parameters, rules } = outcome.result;
  const names = Object.keys(parameters);
  return html`<section id="assumptions">
    <h2>Assumptions</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Rules of the simulation">
      <table class="options">
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">Value</th>
            <th scope="col">What it means</th>
          </tr>
        </thead>
        <tbody>
          ${[...toRuleAssumptions(rules), ...toCounts(outcome)].map(renderAssumption)}
        </tbody>
      </table>
    </div>
    ${
      names.length === 0
        ? null
        : html`<h3>Parameters of the strategy</h3>
            ${renderFacts(names.map((name) => [toCode(name), formatParameter(parameters[name])]))}`
    }
    <h3>Rules that are not options</h3>
    <ul class="rules">
      ${FIXED_RULES.map((rule) => html`<li>${rule}</li>`)}
    </ul>
  </section>`;
}

function renderAssumption({ option, value, meaning }: Assumption): Markup {
  return html`<tr>
    <th scope="row"><code>${option}</code></th>
    <td class="setting">${value}</td>
    <td class="prose">${meaning}</td>
  </tr>`;
}

function toCounts({ result }: CandleBacktestOutcome): readonly Assumption[] {
  const fills = result.fills.px.length;
  const share = fills === 0 ? '' : ` (${formatShare(result.ambiguous_fills / fills)})`;
  const warmUp = [...new Set(result.symbols.map(({ warm_up_candles: candles }) => formatCount(candles)))].join(', ');
  return [
    {
      option: 'ambiguous_fills',
      value: `${formatCount(result.ambiguous_fills)} of ${formatCount(fills)}${share}`,
      meaning: 'Fills that intrabar, or another assumption about the order of prices inside a candle, decided.',
    },
    {
      option: 'warm_up_candles',
      value: warmUp,
      meaning: 'Candles that rules and indicators need before they speak; nothing is traded on them.',
    },
    ...(result.above_top_rung === 0
      ? []
      : [
          {
            option: 'above_top_rung',
            value: formatCount(result.above_top_rung),
            meaning: 'Fills larger than the top rung of the swap costs.',
          },
        ]),
  ];
}

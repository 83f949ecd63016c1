/** Every option behind the figures, with its value, its default and what it means; then the rules that are not options. */
import { CapitalSimulatorConfigSchema, ExtremeLimitsSchema, V1BaselineGridSchema, type V1BaselineGrid } from '@quantbot/core';
import type { V1BaselineOutcome } from '../../v1-baseline/outcome.ts';
import { hasFurtherExits, toFurtherChoices } from '../grid.ts';
import { formatCount, formatHours, formatMultiple, formatNumber } from '../page/format.js';
import { CONFIG_WORDS, MODE_WORDS } from '../words.ts';
import { html, type Markup } from './markup.ts';

interface Assumption {
  readonly option: string;
  readonly value: string;
  readonly byDefault: string;
  readonly meaning: string;
}

const RULES: readonly string[] = [
  'Entry: the first candle that opens at or after the call, at its close. Exits are looked for from the next candle on.',
  'Stop and target are multiples of the entry price; touching a level is enough.',
  'When neither is met, the position is closed at the close of the first candle at or after the holding time.',
  'Money and slot of a position come free when its exit candle ends.',
  'Costs: fee and slippage on the size of the position, once for buying and once for selling.',
  'Calls are taken in order of time; several calls share the cash that is free at that moment.',
];

export function renderAssumptionsSection(outcome: V1BaselineOutcome): Markup {
  return html`<section id="assumptions">
    <h2>Assumptions</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Options">
      <table class="options">
        <thead>
          <tr>
            <th scope="col">Option</th>
            <th scope="col">Value</th>
            <th scope="col">What it means</th>
          </tr>
        </thead>
        <tbody>
          ${toAssumptions(outcome).map(renderAssumption)}
        </tbody>
      </table>
    </div>
    <h3>Rules that are not options</h3>
    <ul class="rules">
      ${RULES.map((rule) => html`<li>${rule}</li>`)}
    </ul>
  </section>`;
}

function renderAssumption({ option, value, byDefault, meaning }: Assumption): Markup {
  const isDefault = value === byDefault;
  const mark = isDefault ? html`<span class="default">default</span>` : html`<span class="changed">default: ${byDefault}</span>`;
  return html`<tr>
    <th scope="row"><code>${option}</code></th>
    <td class="setting">${value} ${byDefault === '' ? null : mark}</td>
    <td class="prose">${meaning}</td>
  </tr>`;
}

function toAssumptions(outcome: V1BaselineOutcome): readonly Assumption[] {
  const judged = outcome.per_caller === null ? [] : toLimitAssumptions(outcome);
  const grouped = outcome.grouped === null ? [] : toFilterAssumptions(outcome);
  return [
    { option: 'mode', value: outcome.mode, byDefault: '', meaning: `What was asked: ${MODE_WORDS[outcome.mode]}.` },
    ...toGridAssumptions(outcome),
    ...toConfigAssumptions(outcome),
    ...judged,
    ...grouped,
  ];
}

function toConfigAssumptions({ simulator_config: config }: V1BaselineOutcome): readonly Assumption[] {
  const defaults = CapitalSimulatorConfigSchema.parse({});
  return (Object.keys(CONFIG_WORDS) as (keyof typeof CONFIG_WORDS)[]).map((option) => ({
    option,
    value: toText(config[option]),
    byDefault: toText(defaults[option]),
    meaning: CONFIG_WORDS[option],
  }));
}

function toGridAssumptions({ param_grid: grid }: V1BaselineOutcome): readonly Assumption[] {
  const defaults = V1BaselineGridSchema.parse({});
  const list = (values: readonly number[], format: (value: number) => string): string =>
    values.length > 12
      ? `${values.slice(0, 5).map(format).join(' ')} … ${format(values.at(-1) ?? 0)} (${formatCount(values.length)} values)`
      : values.map(format).join(' ');
  return [
    {
      option: 'tp_mults',
      value: list(grid.tp_mults, formatMultiple),
      byDefault: list(defaults.tp_mults, formatMultiple),
      meaning: 'Targets tried, as multiples of the entry price.',
    },
    {
      option: 'sl_mults',
      value: list(grid.sl_mults, formatMultiple),
      byDefault: list(defaults.sl_mults, formatMultiple),
      meaning: 'Stops tried, as multiples of the entry price.',
    },
    {
      option: 'max_hold_hrs',
      value: list(grid.max_hold_hrs, formatHours),
      byDefault: list(defaults.max_hold_hrs, formatHours),
      meaning: 'Longest holding times tried.',
    },
    ...toFurtherAssumptions(grid),
  ];
}

const FURTHER_MEANINGS: Readonly<Record<string, string>> = {
  trail_activation_mults: 'The trailing stop is in force once the highest price since entry has reached this multiple.',
  trail_pcts: 'Trailing stop: this far below the highest price since entry. It counts from the next candle on and never falls.',
  break_even_mults: 'After a candle has reached this multiple the stop lies at the entry price, from the next candle on.',
  ladders: 'Parts of the position sold on the way; the rest leaves at target, stop or deadline. Each part is free when its candle ends.',
  target_decays: 'Other targets from these hours after entry on; a candle belongs to the step of its opening time.',
};
const FURTHER_AXES = Object.keys(FURTHER_MEANINGS);

/** Only axes that the search has: a report of target, stop and holding time need not explain what it did not use. */
function toFurtherAssumptions(grid: V1BaselineGrid): readonly Assumption[] {
  if (!hasFurtherExits(grid)) return [];
  return toFurtherChoices(grid).map(({ options }, axis) => ({
    option: FURTHER_AXES[axis] ?? '',
    value: options.length > 12 ? `${options.slice(0, 5).join(' | ')} … (${formatCount(options.length)} values)` : options.join(' | '),
    byDefault: axis === 0 ? '1×' : 'off',
    meaning: FURTHER_MEANINGS[FURTHER_AXES[axis] ?? ''] ?? '',
  }));
}

function toLimitAssumptions({ extreme_limits: limits }: V1BaselineOutcome): readonly Assumption[] {
  const defaults = ExtremeLimitsSchema.parse({});
  return [
    {
      option: 'min_sl_mult',
      value: formatMultiple(limits.min_sl_mult),
      byDefault: formatMultiple(defaults.min_sl_mult),
      meaning: 'A caller whose best stop is below this counts as extreme.',
    },
    {
      option: 'max_tp_mult',
      value: formatMultiple(limits.max_tp_mult),
      byDefault: formatMultiple(defaults.max_tp_mult),
      meaning: 'A caller whose best target is above this counts as extreme.',
    },
  ];
}

function toFilterAssumptions({ filters }: V1BaselineOutcome): readonly Assumption[] {
  const yesNo = (flag: boolean): string => (flag ? 'yes' : 'no');
  return [
    {
      option: 'filter_collapsed',
      value: yesNo(filters.filter_collapsed),
      byDefault: 'yes',
      meaning: 'Callers whose best settings lost money stay out of the group.',
    },
    {
      option: 'filter_extreme',
      value: yesNo(filters.filter_extreme),
      byDefault: 'yes',
      meaning: 'Callers with extreme best settings stay out of the group.',
    },
  ];
}

function toText(value: string | number): string {
  return typeof value === 'number' ? formatNumber(value) : value;
}

/** The numbers of a strategy → the settings of the engine. Only what the file says is in them: the rest is decided below. */
import type { SimulationSettings } from '@quantbot/core';
import type { Value } from './read-expressions.ts';
import type { Costs, Sizing } from './read-account.ts';
import type { Entries } from './read-entry.ts';
import type { Exits } from './read-exit.ts';
import type { SettingName, Settings } from './settings.ts';

export interface Draft {
  readonly settings: Settings;
  readonly entries: Entries;
  readonly exits: Exits;
  readonly sizing: Sizing | undefined;
  readonly costs: Costs | undefined;
  readonly policies: SimulationSettings;
}

const SECONDS_PER_HOUR = 3600;

/** Settings that go to the engine under the name that they have here. */
const SAME_NAME = [
  ...(['initial_capital', 'stop_loss', 'take_profit', 'trailing_stop', 'trailing_activation', 'break_even_trigger'] as const),
  ...(['break_even_offset', 'max_hold_candles', 'size', 'lot_size', 'min_order_value', 'max_position_size', 'max_positions'] as const),
  ...(['max_drawdown', 'daily_loss_limit', 'order_valid_candles'] as const),
];

export function toSimulation(draft: Draft): SimulationSettings {
  const { settings, entries, exits, sizing, policies } = draft;
  const numbers = Object.fromEntries(SAME_NAME.flatMap((name) => (settings.has(name) ? [[name, settings.get(name)]] : [])));
  const hours = settings.get('max_hold_hours');
  const share = settings.get('partial_close_pct');
  const costs = toCosts(draft);
  return {
    ...policies,
    ...(numbers as SimulationSettings),
    directions: entries.long === null ? 'short' : entries.short === null ? 'long' : 'both',
    ...(hours !== undefined && hours !== null && { max_hold_s: toSeconds(hours) }),
    ...(entries.scaleIn !== undefined && { scale_in: entries.scaleIn }),
    ...(exits.closesPart && share !== undefined && share !== null && { partial_close_pct: share }),
    ...toLadder(draft),
    ...(sizing !== undefined ? { sizing } : settings.has('size') && { sizing: 'equity_fraction' as const }),
    ...(costs !== undefined && { costs }),
  };
}

function toSeconds(hours: Value): Value {
  if (typeof hours === 'number') return Math.max(1, Math.round(hours * SECONDS_PER_HOUR));
  const factor = { kind: 'number', value: SECONDS_PER_HOUR } as const;
  return { text: hours.text, tokens: [...hours.tokens, factor, { kind: 'operator', operator: '*' }] };
}

/** `scale_out` closes its share at the target and leaves the rest to the other exits. */
function toLadder({ settings, exits }: Draft): Pick<SimulationSettings, 'ladder' | 'take_profit'> {
  if (exits.ladder !== undefined) return { ladder: exits.ladder.map((rung) => ({ ...rung })) };
  const [target, share] = [settings.get('take_profit') ?? null, settings.get('partial_close_pct') ?? null];
  if (!exits.scalesOut || exits.closesPart || target === null || share === null) return {};
  return { ladder: [{ profit: target, share }], take_profit: null };
}

function toCosts({ settings, costs }: Draft): SimulationSettings['costs'] {
  const get = (name: SettingName): Value | undefined => settings.get(name) ?? undefined;
  if (costs === undefined || costs.cache !== undefined) return undefined;
  const [feeBps, fixedFee, slippageBps] = [get('fee_bps'), get('fixed_fee'), get('slippage_bps')];
  if (costs.type === 'swap') return { type: 'swap', rungs: costs.rungs, gas_buy: get('gas_buy') ?? 0, gas_sell: get('gas_sell') ?? 0 };
  return {
    type: 'basis_points',
    ...(feeBps !== undefined && { fee_bps: feeBps }),
    ...(fixedFee !== undefined && { fixed_fee: fixedFee }),
    ...(slippageBps !== undefined && { slippage_bps: slippageBps }),
  };
}

/** A setting that stands for a parameter from now on. */
export function linkSetting(settings: Settings, setting: SettingName, parameter: string): void {
  settings.set(setting, { text: `\${${parameter}}`, tokens: [{ kind: 'name', name: parameter }] });
}

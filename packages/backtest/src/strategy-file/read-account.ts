/** `risk`, `costs` and `simulation`: how much is put at stake, what trading costs, and the policies of the simulator. */
import type { SimulationSettings } from '@quantbot/core';
import {
  describe,
  isMapping,
  readChoice,
  readFields,
  readText,
  refuse,
  refuseMissing,
  toItems,
  type Reading,
  type Spot,
} from './reading.ts';
import { readSetting, type SettingName, type Settings } from './settings.ts';

export type Sizing = NonNullable<SimulationSettings['sizing']>;
type Rungs = Extract<NonNullable<SimulationSettings['costs']>, { type: 'swap' }>['rungs'];

export interface Costs {
  readonly type: 'basis_points' | 'swap';
  readonly rungs: Rungs;
  /** Swap costs that stand in a cache of quotes instead. */
  readonly cache?: SwapCacheSource;
}

/** A file of swap costs, relative to that of the strategy, and the token in it. */
export interface SwapCacheSource {
  readonly file: string;
  readonly token: string | undefined;
  /** `file:line:column` of where it is named. */
  readonly place: string;
}

const SIZINGS = ['equity_fraction', 'amount', 'risk_fraction', 'risk_amount', 'units'] as const satisfies readonly Sizing[];
const RISK_NUMBERS = ['max_drawdown', 'daily_loss_limit', 'max_position_size', 'lot_size', 'min_order_value'] as const;

/** Which kind of number `size` is; undefined: the file does not say. */
export function readRisk(reading: Reading, spot: Spot | undefined, settings: Settings): Sizing | undefined {
  const { sizing, ...numbers } = readFields(reading, spot, ['sizing', ...RISK_NUMBERS]);
  readNumbers(reading, numbers, { settings, names: RISK_NUMBERS });
  if (sizing === undefined || !isMapping(sizing.value)) return readChoice(reading, sizing, SIZINGS);
  const { type, value } = readFields(reading, sizing, ['type', 'value']);
  readSetting(reading, value, { settings, name: 'size' });
  return readChoice(reading, type ?? { ...sizing, value: undefined }, SIZINGS);
}

const FEES = ['fee_bps', 'fixed_fee', 'slippage_bps'] as const;
const GAS = ['gas_buy', 'gas_sell'] as const;

export function readCosts(reading: Reading, spot: Spot | undefined, settings: Settings): Costs | undefined {
  if (spot === undefined) return undefined;
  const isSwap = isMapping(spot.value) && spot.value['type'] === 'swap';
  if (!isSwap) {
    const { type, ...numbers } = readFields(reading, spot, ['type', ...FEES]);
    readChoice(reading, type, ['basis_points', 'swap']);
    readNumbers(reading, numbers, { settings, names: FEES });
    return { type: 'basis_points', rungs: [] };
  }
  if (isMapping(spot.value) && 'cache' in spot.value) return readCache(reading, spot);
  const { rungs, ...numbers } = readFields(reading, spot, ['type', 'rungs', 'cache', 'token', ...GAS]);
  readNumbers(reading, numbers, { settings, names: GAS });
  for (const name of GAS) if (!settings.has(name)) refuseMissing(reading, spot, `${name}: gas of a trade, in money`);
  return { type: 'swap', rungs: rungs === undefined ? noRungs(reading, { ...spot, value: undefined }) : readRungs(reading, rungs) };
}

function readCache(reading: Reading, spot: Spot): Costs {
  const { cache, token } = readFields(reading, spot, ['type', 'cache', 'token']);
  const file = readText(reading, cache, 'a file of swap costs such as ../data/swap_cost_cache.json') ?? '';
  const name = readText(reading, token, 'the name of a token in the cache');
  return { type: 'swap', rungs: [], cache: { file, token: name, place: reading.yaml.toPlace(cache?.path ?? spot.path) } };
}

function noRungs(reading: Reading, spot: Spot): Rungs {
  refuse(reading, spot, 'rungs: a list such as [{notional: 5000, loss_rate: 0.01}], notionals rising');
  return [];
}

function readRungs(reading: Reading, spot: Spot): Rungs {
  if (!Array.isArray(spot.value) || spot.value.length === 0) return noRungs(reading, spot);
  return toItems(spot).flatMap((item) => {
    const { notional, loss_rate: rate } = readFields(reading, item, ['notional', 'loss_rate']);
    const [amount, share] = [notional?.value, rate?.value];
    const isRung = typeof amount === 'number' && amount > 0 && amount < Infinity && typeof share === 'number' && share >= 0 && share < 1;
    if (isRung) return [{ notional: amount, loss_rate: share }];
    const found = `notional ${describe(amount)} and loss_rate ${describe(share)}`;
    refuse(reading, { ...item, value: found }, 'a notional above 0 and a loss_rate from 0 to below 1');
    return [];
  });
}

const POLICIES = {
  entry_fill: ['next_open', 'signal_close'],
  intrabar: ['stop_first', 'target_first'],
  gap_fill: ['worse', 'open', 'level'],
  inside_entry_exits: ['stop', 'none'],
  final_close: ['close', 'leave_open'],
} as const satisfies { [Name in keyof SimulationSettings]?: readonly SimulationSettings[Name][] };

/** Policies that the file states; the initial capital is a setting. */
export function readPolicies(reading: Reading, spot: Spot | undefined, settings: Settings): SimulationSettings {
  const fields = readFields(reading, spot, [
    ...(['initial_capital', 'entry_fill', 'intrabar', 'gap_fill', 'inside_entry_exits', 'final_close'] as const),
  ]);
  readSetting(reading, fields.initial_capital, { settings, name: 'initial_capital' });
  const [entryFill, intrabar] = [
    readChoice(reading, fields.entry_fill, POLICIES.entry_fill),
    readChoice(reading, fields.intrabar, POLICIES.intrabar),
  ];
  const [gapFill, finalClose] = [
    readChoice(reading, fields.gap_fill, POLICIES.gap_fill),
    readChoice(reading, fields.final_close, POLICIES.final_close),
  ];
  const inside = readChoice(reading, fields.inside_entry_exits, POLICIES.inside_entry_exits);
  return {
    ...(entryFill && { entry_fill: entryFill }),
    ...(intrabar && { intrabar }),
    ...(gapFill && { gap_fill: gapFill }),
    ...(inside && { inside_entry_exits: inside }),
    ...(finalClose && { final_close: finalClose }),
  };
}

function readNumbers<Name extends SettingName>(
  reading: Reading,
  fields: Readonly<Partial<Record<Name, Spot>>>,
  { settings, names }: { readonly settings: Settings; readonly names: readonly Name[] },
): void {
  for (const name of names) readSetting(reading, fields[name], { settings, name });
}

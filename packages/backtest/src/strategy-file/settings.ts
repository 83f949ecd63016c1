/** The numbers of a strategy by the names of the engine's settings: where each stands, and what it must be. */
import type { Value } from './read-expressions.ts';
import { readValue } from './read-expressions.ts';
import { complain, describe, refuse, type Reading, type Spot } from './reading.ts';

type Range = readonly [expected: string, isMet: (value: number) => boolean];

const SHARE: Range = ['a fraction above 0 and below 1 (2 % is 0.02)', (value) => value > 0 && value < 1];
const PART: Range = ['a fraction above 0, at most 1', (value) => value > 0 && value <= 1];
const POSITIVE: Range = ['a number above 0', (value) => value > 0];
const NOT_NEGATIVE: Range = ['a number of 0 or more', (value) => value >= 0];
const WHOLE: Range = ['a whole number of 1 or more', (value) => value >= 1 && Number.isInteger(value)];
const BASIS_POINTS: Range = ['basis points from 0 to below 10000', (value) => value >= 0 && value < 10_000];

const RANGES = {
  initial_capital: POSITIVE,
  stop_loss: SHARE,
  take_profit: POSITIVE,
  trailing_stop: SHARE,
  trailing_activation: NOT_NEGATIVE,
  break_even_trigger: POSITIVE,
  break_even_offset: NOT_NEGATIVE,
  max_hold_candles: WHOLE,
  max_hold_hours: POSITIVE,
  partial_close_pct: PART,
  size: POSITIVE,
  lot_size: NOT_NEGATIVE,
  min_order_value: NOT_NEGATIVE,
  max_position_size: POSITIVE,
  max_positions: WHOLE,
  max_drawdown: SHARE,
  daily_loss_limit: SHARE,
  order_valid_candles: WHOLE,
  fee_bps: BASIS_POINTS,
  fixed_fee: NOT_NEGATIVE,
  slippage_bps: BASIS_POINTS,
  gas_buy: NOT_NEGATIVE,
  gas_sell: NOT_NEGATIVE,
} as const satisfies Record<string, Range>;

export type SettingName = keyof typeof RANGES;
/** null: switched off. */
export type Settings = Map<SettingName, Value | null>;

/** Settings that may be switched off, by `null` in the file. */
const OPTIONAL: readonly SettingName[] = [
  ...(['stop_loss', 'take_profit', 'trailing_stop', 'break_even_trigger', 'max_hold_candles', 'max_position_size'] as const),
  ...(['max_drawdown', 'daily_loss_limit', 'order_valid_candles'] as const),
];

interface Target {
  readonly settings: Settings;
  readonly name: SettingName;
  /** Instead of the range of the setting: a stop in price units may be any number above 0. */
  readonly isFreeNumber?: boolean;
}

/** Reads a number into a setting. One that two places give must be the same in both. */
export function readSetting(reading: Reading, spot: Spot | undefined, { settings, name, isFreeNumber = false }: Target): void {
  if (spot === undefined) return;
  const value = spot.value === null && OPTIONAL.includes(name) ? null : readValue(reading, spot);
  if (value === undefined) return;
  const [expected, isMet] = isFreeNumber ? POSITIVE : RANGES[name];
  if (typeof value === 'number' && !isMet(value)) {
    refuse(reading, spot, expected);
    return;
  }
  const before = settings.get(name);
  if (before !== undefined && !isSame(before, value)) {
    const message = `${name} is given twice and differs: ${show(before)} before, ${describe(spot.value)} here; one account has one ${name}`;
    complain(reading, spot, { message });
    return;
  }
  settings.set(name, value);
  if (!reading.places.field.has(name)) reading.places.field.set(name, spot);
}

function isSame(one: Value | null, other: Value | null): boolean {
  return show(one) === show(other);
}

function show(value: Value | null): string {
  return value === null ? 'nothing' : typeof value === 'number' ? String(value) : value.text;
}

/** What people call the parameters of a setting, when nothing else says which number they stand for. */
const LINKABLE: Readonly<Record<string, SettingName>> = {
  position_size: 'size',
  trail_pct: 'trailing_stop',
  activation_pct: 'trailing_activation',
  break_even: 'break_even_trigger',
  time_limit: 'max_hold_candles',
  taker_fee_bps: 'fee_bps',
};

/** The setting that a parameter of this name stands for, by the predecessor's convention. */
export function findLinkedSetting(name: string): SettingName | undefined {
  if (Object.hasOwn(LINKABLE, name)) return LINKABLE[name];
  return Object.hasOwn(RANGES, name) ? (name as SettingName) : undefined;
}

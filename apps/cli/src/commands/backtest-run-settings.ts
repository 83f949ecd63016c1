/** Flags of `backtest run` that say how signals become fills: they win over the strategy, the strategy over quantbot.yaml. */
import { resolve } from 'node:path';
import { readSwapCosts } from '@quantbot/backtest';
import { AppError, SimulationSettingsSchema, type SimulationSettings } from '@quantbot/core';
import { Option, type Command } from 'commander';
import { parseNumber } from '../terminal/parse-flags.ts';

/** Field of the settings → what --help says; each is the flag with the same name in dashes. */
const NUMBERS = {
  initial_capital: ['<money>', 'capital at the start (default: 10000)'],
  size: ['<number>', 'size of an entry, in the unit that --sizing names'],
  lot_size: ['<units>', 'units are whole multiples of this'],
  min_order_value: ['<money>', 'smaller entries are skipped'],
  max_positions: ['<count>', 'most entries into one symbol while it is held'],
  partial_close_pct: ['<fraction>', 'share of the position that an exit signal closes'],
  trailing_activation: ['<fraction>', 'profit from which on the trailing stop is in force'],
  break_even_offset: ['<fraction>', 'how far beyond the entry price the break-even stop lies'],
} as const;

/** These can be switched off with the word `off`. */
const OPTIONAL_NUMBERS = {
  stop_loss: ['<fraction>', 'stop below the entry price (above it for shorts), or off'],
  take_profit: ['<fraction>', 'target above the entry price, or off'],
  trailing_stop: ['<fraction>', 'stop below the best price since entry, or off'],
  break_even_trigger: ['<fraction>', 'profit after which the stop moves to the entry price, or off'],
  max_hold_candles: ['<count>', 'leave after this many candles, or off'],
  max_hold_s: ['<seconds>', 'leave after this time, or off'],
  max_position_size: ['<fraction>', 'largest share of the equity in one symbol, or off'],
  max_drawdown: ['<fraction>', 'close everything and stop for good at this loss from the highest equity, or off'],
  daily_loss_limit: ['<fraction>', 'no new entries until the next UTC day after this loss in a day, or off'],
  order_valid_candles: ['<count>', 'candles for which limit and stop orders wait, or off'],
} as const;

const CHOICES = {
  entry_fill: 'where a signal is filled',
  intrabar: 'when one candle touches stop and target',
  gap_fill: 'fill price when a candle opens beyond a level',
  inside_entry_exits: 'exits on the candle of a limit or stop entry',
  final_close: 'positions at the end of the data',
  directions: 'which directions may be traded',
  sizing: 'what --size means',
} as const;

/** Costs in basis points and money; --swap-costs replaces them all. */
const COSTS = {
  fee_bps: ['<bps>', 'fee per side in basis points'],
  fixed_fee: ['<money>', 'fee per fill'],
  slippage_bps: ['<bps>', 'slippage per side in basis points'],
} as const;

export type SettingFlags = Readonly<Record<string, unknown>>;

export function addSettingFlags(command: Command): Command {
  for (const [field, [value, help]] of Object.entries({ ...NUMBERS, ...COSTS, ...OPTIONAL_NUMBERS })) {
    command.option(`${toFlag(field)} ${value}`, help);
  }
  for (const [field, help] of Object.entries(CHOICES)) {
    command.addOption(new Option(`${toFlag(field)} <choice>`, help).choices(toChoices(field as keyof typeof CHOICES)));
  }
  return command
    .option('--scale-in', 'enter again while a position is open, up to --max-positions')
    .option('--no-scale-in', 'one entry at a time')
    .option('--swap-costs <file>', 'costs of a decentralised exchange instead of fees and slippage, such as data/swap_cost_cache.json')
    .option('--swap-token <name>', 'whose costs of --swap-costs hold (default: those of the symbol, then the entry `default`)');
}

function toChoices(field: keyof typeof CHOICES): readonly string[] {
  return SimulationSettingsSchema.shape[field].unwrap().options;
}

/** Where the flags were given. */
export interface SettingPlace {
  readonly cwd: string;
  /** What is traded: swap costs are those of the token of this name, unless a flag names another. */
  readonly symbols: readonly string[];
}

/** Checked like a strategy's own settings. Throws USAGE that names the flag, and what reading the swap costs throws. */
export async function toSettings(flags: SettingFlags, place: SettingPlace): Promise<SimulationSettings> {
  const costs = await toCosts(flags, place);
  const said = toGiven([
    ...Object.keys(NUMBERS).map((field) => [field, toNumber(field, flags)] as const),
    ...Object.keys(OPTIONAL_NUMBERS).map((field) => [field, toOptionalNumber(field, flags)] as const),
    ...Object.keys(CHOICES).map((field) => [field, toText(field, flags)] as const),
    ['scale_in', flags['scaleIn']],
    ['costs', costs],
  ]);
  const checked = SimulationSettingsSchema.safeParse(said);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new AppError('USAGE', `${toFlag(String(issue?.path[0] ?? ''))}: ${issue?.message ?? 'not valid'}`);
}

type Costs = NonNullable<SimulationSettings['costs']>;

async function toCosts(flags: SettingFlags, { cwd, symbols }: SettingPlace): Promise<Costs | undefined> {
  const fees = toGiven(Object.keys(COSTS).map((field) => [field, toNumber(field, flags)]));
  const swapCosts = toText('swap_costs', flags);
  const hasFees = Object.keys(fees).length > 0;
  const token = toText('swap_token', flags);
  if (swapCosts === undefined && token !== undefined)
    throw new AppError('USAGE', '--swap-token goes with --swap-costs FILE, such as data/swap_cost_cache.json');
  if (swapCosts === undefined) return hasFees ? { type: 'basis_points', ...fees } : undefined;
  if (hasFees) throw new AppError('USAGE', '--swap-costs replaces fees and slippage; give one or the other');
  return explainToken(() => readSwapCosts(resolve(cwd, swapCosts), token ?? toTokenNames(symbols)));
}

/** One account has one set of costs: with several symbols, no token is the right one for all of them. */
function toTokenNames(symbols: readonly string[]): readonly string[] {
  const [symbol, ...others] = symbols;
  if (symbol === undefined || others.length > 0) return [];
  return [symbol, symbol.split(/[-/_]/)[0] ?? symbol];
}

async function explainToken(read: () => Promise<Costs>): Promise<Costs> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'INVALID_REQUEST') throw error;
    throw new AppError('USAGE', `--swap-token: ${error.message}`, { cause: error });
  }
}

function toText(field: string, flags: SettingFlags): string | undefined {
  const text = flags[toKey(field)];
  return typeof text === 'string' ? text : undefined;
}

function toNumber(field: string, flags: SettingFlags): number | undefined {
  const text = toText(field, flags);
  return text === undefined ? undefined : parseNumber(toFlag(field), text);
}

/** null: switched off. */
function toOptionalNumber(field: string, flags: SettingFlags): number | null | undefined {
  return toText(field, flags) === 'off' ? null : toNumber(field, flags);
}

function toGiven(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function toFlag(field: string): string {
  return `--${field.replaceAll('_', '-')}`;
}

/** `entry_fill` → `entryFill`, as Commander names the value of --entry-fill. */
function toKey(field: string): string {
  return field.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

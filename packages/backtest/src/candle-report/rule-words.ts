/** Every policy of a simulation on candles in words: what its value says, and what that means for the result (docs/assumptions.md). */
import type { BacktestResult } from '@quantbot/core';
import { plural } from '../report/findings.ts';
import { formatCount, formatDuration, formatMoney, formatNumber, formatShare } from '../report/page/format.js';

export interface Assumption {
  readonly option: string;
  readonly value: string;
  readonly meaning: string;
}

type Value = BacktestResult['rules'][string];

interface RuleWords {
  readonly meaning: string;
  readonly show?: (value: Value) => string;
}

const share = (value: Value): string => (typeof value === 'number' ? formatShare(value) : toPlain(value));
const money = (value: Value): string => (typeof value === 'number' ? formatMoney(value) : toPlain(value));
const candles = (value: Value): string => (typeof value === 'number' ? `${formatCount(value)} ${plural(value, 'candle')}` : toPlain(value));
const seconds = (value: Value): string => (typeof value === 'number' ? formatDuration(value * 1000) : toPlain(value));

/** In the order in which a trader asks. */
const RULES: Readonly<Record<string, RuleWords>> = {
  initial_capital: { meaning: 'Money at the start; all symbols share it.', show: money },
  costs: { meaning: 'What each fill costs. Slippage moves the fill price against the trader.', show: showCosts },
  entry_fill: {
    meaning:
      'A signal uses data up to the close of its candle. next_open: it is filled at the open of the next one; signal_close: at that very close.',
  },
  intrabar: { meaning: 'What counts first when one candle touches both stop and target; nobody can see the order inside a candle.' },
  gap_fill: {
    meaning:
      'The fill when a candle opens beyond a level. worse: a stop gets the bad open, a target no gift; open: both get the open; level: both the level.',
  },
  inside_entry_exits: {
    meaning: 'Whether the stop of an order that was filled inside a candle is tested on that candle. Its target never is.',
  },
  final_close: { meaning: 'close: what is open at the end of the data is closed at the last close; leave_open: it is valued there.' },
  directions: { meaning: 'Which directions may be traded.' },
  sizing: { meaning: 'What the size speaks of.' },
  size: {
    meaning: 'How much an entry buys, read as the sizing says.',
    show: (value) => (typeof value === 'number' ? formatNumber(value) : toPlain(value)),
  },
  lot_size: { meaning: 'Units are rounded down to whole lots; 0: units of any size.' },
  min_order_value: { meaning: 'Smaller orders are not filled.', show: money },
  max_position_size: { meaning: 'The largest position, as a share of equity.', show: share },
  scale_in: { meaning: 'Whether signals may add to a position.' },
  max_positions: { meaning: 'Positions of one symbol that may be open at once.' },
  partial_close_pct: { meaning: 'Share of a symbol’s units that an exit signal closes, first in first out.', show: share },
  order_valid_candles: { meaning: 'How long limit and stop orders wait.', show: candles },
  stop_loss: { meaning: 'Distance of the stop from the entry price.', show: share },
  take_profit: { meaning: 'Distance of the target from the entry price.', show: share },
  trailing_stop: {
    meaning: 'Distance of the trailing stop from the best price since entry; raised at the close, in force from the next candle.',
    show: share,
  },
  trailing_activation: { meaning: 'Profit from which the trailing stop is in force.', show: share },
  break_even_trigger: { meaning: 'Profit from which the stop moves to the entry price.', show: share },
  break_even_offset: { meaning: 'How far beyond the entry price the break-even stop lies.', show: share },
  ladder: { meaning: 'Partial exits: at a profit, a share of the units bought.', show: showLadder },
  max_hold_candles: { meaning: 'Longest holding time in candles; closed at the close.', show: candles },
  max_hold_s: { meaning: 'Longest holding time; closed at the close.', show: seconds },
  max_drawdown: { meaning: 'Fall of equity from its highest at which everything is closed and trading ends.', show: share },
  daily_loss_limit: { meaning: 'Loss of a UTC day from which no entries are made until the next.', show: share },
};

/** Every rule of the result; one that this report does not know is shown as it is. */
export function toRuleAssumptions(rules: BacktestResult['rules']): readonly Assumption[] {
  const known = Object.keys(RULES).filter((option) => Object.hasOwn(rules, option));
  const further = Object.keys(rules).filter((option) => !Object.hasOwn(RULES, option));
  return [...known, ...further].map((option) => {
    const value = rules[option] ?? null;
    const words = Object.hasOwn(RULES, option) ? RULES[option] : undefined;
    return { option, value: value === null ? 'off' : (words?.show ?? toPlain)(value), meaning: words?.meaning ?? '' };
  });
}

function toPlain(value: Value): string {
  if (value === null) return 'off';
  if (value === true) return 'yes';
  if (value === false) return 'no';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function showCosts(value: Value): string {
  const costs = isRecord(value) ? value : {};
  const read = (name: string): string => (typeof costs[name] === 'number' ? formatNumber(costs[name]) : '–');
  if (costs['type'] === 'basis_points')
    return `fee ${read('fee_bps')} bps and ${read('fixed_fee')} fixed per fill, slippage ${read('slippage_bps')} bps`;
  if (costs['type'] !== 'swap' || !Array.isArray(costs['rungs'])) return toPlain(value);
  const rungs = costs['rungs'].map(toRungText).join(', ');
  return `swap: round trip ${rungs}; gas ${read('gas_buy')} to buy, ${read('gas_sell')} to sell`;
}

/** A rung is a pair or an object, by the engine's version. */
function toRungText(rung: Value): string {
  const [notional, rate] = Array.isArray(rung) ? rung : isRecord(rung) ? [rung['notional'], rung['loss_rate']] : [];
  return typeof notional === 'number' && typeof rate === 'number' ? `${formatShare(rate)} up to ${formatMoney(notional)}` : toPlain(rung);
}

function showLadder(value: Value): string {
  if (!Array.isArray(value)) return toPlain(value);
  if (value.length === 0) return 'off';
  return value
    .map((rung) => (isRecord(rung) ? `${share(rung['share'] ?? null)} at ${share(rung['profit'] ?? null)}` : toPlain(rung)))
    .join(', ');
}

function isRecord(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

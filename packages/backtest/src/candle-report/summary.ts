/** The few figures of a backtest that the predecessor's API answered with, under its names. */
import type { BacktestResult } from '@quantbot/core';
import { formatCount } from '../report/page/format.js';

/** Closed trades, as in the engine's figures; one that breaks even after costs is neither won nor lost. Money in the account's currency. */
export interface BacktestSummary {
  readonly total_trades: number;
  readonly winning_trades: number;
  readonly losing_trades: number;
  /** Of all trades, net of costs. */
  readonly total_pnl: number;
  /** Entry and exit signals of all symbols. */
  readonly signals_generated: number;
}

/** Reason of a trade that was open when the candles ended and is only valued. */
const STILL_OPEN = 'open';

export function toBacktestSummary({ trades, symbols }: Pick<BacktestResult, 'trades' | 'symbols'>): BacktestSummary {
  const closed = trades.pnl.filter((_, row) => trades.reason[row] !== STILL_OPEN);
  return {
    total_trades: closed.length,
    winning_trades: closed.filter((pnl) => pnl > 0).length,
    losing_trades: closed.filter((pnl) => pnl < 0).length,
    total_pnl: sum(closed),
    signals_generated: symbols.reduce((count, { entry_signals, exit_signals }) => count + entry_signals + exit_signals, 0),
  };
}

/** `31 won, 29 lost, 1 still open`. */
export function toTradeCounts(result: Pick<BacktestResult, 'trades' | 'symbols'>): string {
  const { total_trades: closed, winning_trades: won, losing_trades: lost } = toBacktestSummary(result);
  const open = result.trades.pnl.length - closed;
  return `${formatCount(won)} won, ${formatCount(lost)} lost${open === 0 ? '' : `, ${formatCount(open)} still open`}`;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The few figures of a backtest that the predecessor's API answered with, under its names. */
import type { BacktestResult } from '@quantbot/core';

/** A trade that breaks even after costs is neither won nor lost. Money in the account's currency. */
export interface BacktestSummary {
  readonly total_trades: number;
  readonly winning_trades: number;
  readonly losing_trades: number;
  /** Of all trades, net of costs; open ones as valued at the end. */
  readonly total_pnl: number;
  /** Entry and exit signals of all symbols. */
  readonly signals_generated: number;
}

export function toBacktestSummary({ trades, symbols }: Pick<BacktestResult, 'trades' | 'symbols'>): BacktestSummary {
  return {
    total_trades: trades.pnl.length,
    winning_trades: trades.pnl.filter((pnl) => pnl > 0).length,
    losing_trades: trades.pnl.filter((pnl) => pnl < 0).length,
    total_pnl: sum(trades.pnl),
    signals_generated: symbols.reduce((count, { entry_signals, exit_signals }) => count + entry_signals + exit_signals, 0),
  };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

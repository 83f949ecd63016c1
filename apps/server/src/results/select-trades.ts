/** Trades of a backtest, filtered, sorted and paged here, so that a table of any length can be shown. */
import type { BacktestResult, TradeRowSchema } from '@quantbot/core';
import type { z } from 'zod';

type TradeRow = z.infer<typeof TradeRowSchema>;

export interface TradeSelection {
  readonly offset: number;
  readonly limit: number;
  readonly symbol?: string | undefined;
  readonly direction?: 'long' | 'short' | undefined;
  readonly reason?: string | undefined;
  readonly outcome?: 'win' | 'loss' | undefined;
  readonly sort: keyof TradeRow;
  readonly direction_of_sort: 'asc' | 'desc';
}

export function selectTrades(result: BacktestResult, selection: TradeSelection): { items: TradeRow[]; total: number } {
  const rows = result.trades.pnl.map((_, position) => toRow(result, position)).filter((row) => isWanted(row, selection));
  const sign = selection.direction_of_sort === 'asc' ? 1 : -1;
  const by = selection.sort;
  // Ties keep the order of opening, whichever way it is sorted.
  if (by !== 'number' || sign < 0) rows.sort((left, right) => sign * compare(left[by], right[by]) || left.number - right.number);
  return { items: rows.slice(selection.offset, selection.offset + selection.limit), total: rows.length };
}

function compare(left: string | number, right: string | number): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function isWanted(row: TradeRow, { symbol, direction, reason, outcome }: TradeSelection): boolean {
  if (symbol !== undefined && row.symbol !== symbol) return false;
  if (direction !== undefined && row.direction !== direction) return false;
  if (reason !== undefined && row.reason !== reason) return false;
  return outcome === undefined || (outcome === 'win' ? row.pnl > 0 : row.pnl < 0);
}

function toRow({ trades, symbols }: BacktestResult, position: number): TradeRow {
  const number = (column: readonly number[]): number => column[position] ?? 0;
  return {
    number: position,
    symbol: symbols[number(trades.symbol)]?.symbol ?? '',
    direction: number(trades.direction) > 0 ? 'long' : 'short',
    entry_time: new Date(number(trades.entry_ts_ms)).toISOString(),
    exit_time: new Date(number(trades.exit_ts_ms)).toISOString(),
    units: number(trades.units),
    entry_price: number(trades.entry_px),
    exit_price: number(trades.exit_px),
    pnl: number(trades.pnl),
    net_return: number(trades.net_return),
    costs: number(trades.costs),
    mae: number(trades.mae),
    mfe: number(trades.mfe),
    reason: trades.reason[position] ?? '',
  };
}

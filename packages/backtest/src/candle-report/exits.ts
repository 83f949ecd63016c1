/** Trades counted by the reason of their last exit, for tables on the page and in the terminal. */
import type { BacktestResult } from '@quantbot/core';

export interface ExitGroup {
  readonly reason: string;
  readonly trades: number;
  readonly won: number;
  /** Money, net of costs. */
  readonly pnl: number;
  /** Mean of the trades' net returns, a fraction. */
  readonly meanReturn: number;
}

/** Most frequent first; ties in order of first appearance. */
export function groupExits({ trades }: Pick<BacktestResult, 'trades'>): readonly ExitGroup[] {
  const rows = new Map<string, number[]>();
  trades.reason.forEach((reason, row) => {
    const known = rows.get(reason);
    if (known === undefined) rows.set(reason, [row]);
    else known.push(row);
  });
  return [...rows].map(([reason, members]) => toGroup(trades, reason, members)).sort((a, b) => b.trades - a.trades);
}

function toGroup(trades: BacktestResult['trades'], reason: string, members: readonly number[]): ExitGroup {
  let [won, pnl, returns] = [0, 0, 0];
  for (const row of members) {
    const money = trades.pnl[row] ?? 0;
    if (money > 0) won += 1;
    pnl += money;
    returns += trades.net_return[row] ?? 0;
  }
  return { reason, trades: members.length, won, pnl, meanReturn: returns / members.length };
}

/** Names of objectives: what the predecessors called them is understood too. */

/** Profit in money puts trials of one capital into the same order as the balance at the end. */
const ALIASES: ReadonlyMap<string, string> = new Map([['total_pnl', 'final_balance']]);

/** The name that the engine knows. Others stay as they are: the engine refuses what it does not know. */
export function toObjectiveName(name: string): string {
  return ALIASES.get(name) ?? name;
}

/** The strategies of a server for `strategies list`, read and described one by one, as the command does in a workspace. */
import type { Client } from '@quantbot/client';

export type StrategyRow = Readonly<Record<'name' | 'kind' | 'file' | 'summary' | 'source_hash', string>>;
export type StrategyProblem = Readonly<Record<'file' | 'code' | 'message', string>>;

export interface StrategyList {
  readonly strategies: readonly StrategyRow[];
  readonly problems: readonly StrategyProblem[];
}

const PAGE = 1_000;

export async function listStrategiesThere(client: Client): Promise<StrategyList> {
  const { items } = await client.listStrategies({ query: { limit: PAGE } });
  const strategies: StrategyRow[] = [];
  const problems: StrategyProblem[] = [];
  for (const { name, kind, file } of items) {
    const [check, { sha256 }] = await Promise.all([
      client.describeStrategy({ params: { name } }),
      client.getStrategy({ params: { name } }),
    ]);
    if (check.is_valid) strategies.push({ name, kind, file, summary: check.summary ?? '', source_hash: sha256 });
    else problems.push(...check.problems.map(({ code, message }) => ({ file, code, message })));
  }
  return { strategies, problems };
}

/** The strategies of a server for `strategies list`, read and described one by one, as the command does in a workspace. */
import type { Client } from '@quantbot/client';

export type StrategyRow = Readonly<Record<'name' | 'kind' | 'file' | 'summary' | 'source_hash', string>>;
type StrategyProblem = Readonly<Record<'file' | 'code' | 'message', string>>;

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
    const check = await client.describeStrategy({ params: { name } });
    const { name: title, summary, source_hash: hash } = check;
    if (check.is_valid) strategies.push({ name: title ?? name, kind, file, summary: summary ?? '', source_hash: hash ?? '' });
    else problems.push({ file, ...toOneProblem(check.problems) });
  }
  return { strategies, problems };
}

/** All that is wrong with one file stands together, as its error has it. */
function toOneProblem(problems: readonly { readonly code: string; readonly message: string }[]): Omit<StrategyProblem, 'file'> {
  return { code: problems[0]?.code ?? 'INVALID_STRATEGY', message: problems.map(({ message }) => message).join('\n') };
}

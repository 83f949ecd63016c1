/** `quantbot strategies list`: what can be run, and what is wrong with the files that cannot. */
import { relative } from 'node:path';
import { findStrategies, toFittedText, toTableLines, toTerminalText, toTextWidth, type LoadedStrategy } from '@quantbot/backtest';
import type { Command } from 'commander';
import { withEngine, type CliContext } from '../context.ts';
import { listStrategiesThere, type StrategyList, type StrategyRow } from '../remote/list-strategies.ts';
import { addServerFlags, findServer, type ServerFlags } from '../remote/server.ts';
import { parseWholeNumber } from '../terminal/parse-flags.ts';
import { findWorkspace, type Workspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';

const SHORTEST_SUMMARY = 24;
/** Between two columns. */
const GAP = 2;

export function createStrategiesListCommand(context: CliContext): Command {
  return addServerFlags(
    createCommand('list', 'Names, files and what they do; a broken file is shown and harms no other', [
      'quantbot strategies list',
      'quantbot strategies list --json',
    ]),
  )
    .option('--timeout <seconds>', 'a Python file that takes longer is shown as broken', '30')
    .option('--json', 'as JSON')
    .action(async (flags: ListFlags) => {
      const client = await findServer(context, flags);
      const list = client === undefined ? await listHere(context, flags) : await listStrategiesThere(client);
      context.stdout.write(flags.json === true ? `${JSON.stringify(list)}\n` : renderList(list, context.stdout.columns || 100));
    });
}

interface ListFlags extends ServerFlags {
  readonly timeout: string;
  readonly json?: boolean;
}

async function listHere(context: CliContext, flags: ListFlags): Promise<StrategyList> {
  const readTimeoutMs = parseWholeNumber('--timeout', flags.timeout, 1) * 1000;
  return withEngine(context, { ...flags, engineTimeoutMs: readTimeoutMs }, async ({ engine }) => {
    const workspace = await findWorkspace(flags.workspace, context.cwd);
    const found = await findStrategies({ strategiesDir: workspace.strategiesDir, engine, readTimeoutMs });
    return {
      strategies: found.strategies.map((strategy) => toRow(workspace, strategy)),
      problems: found.problems.map(({ path, error }) => ({ file: toFile(workspace, path), code: error.code, message: error.message })),
    };
  });
}

function toRow(workspace: Workspace, { name, kind, path, description, sourceHash }: LoadedStrategy): StrategyRow {
  return { name, kind, file: toFile(workspace, path), summary: description, source_hash: sourceHash };
}

function toFile({ root }: Workspace, path: string): string {
  return relative(root, path);
}

function renderList({ strategies, problems }: StrategyList, width: number): string {
  const columns = [
    { title: 'Name', align: 'left', dropOrder: 0 },
    { title: 'Kind', align: 'left', dropOrder: 1 },
    { title: 'File', align: 'left', dropOrder: 2 },
    { title: 'What it does', align: 'left', dropOrder: 0 },
  ] as const;
  const heads = strategies.map(({ name, kind, file }) => [name, kind === 'rules' ? 'YAML' : 'Python', file].map(toTerminalText));
  // The summary takes what the other columns leave, so that a long one does not push them out.
  const taken = [0, 1, 2].reduce((sum, index) => sum + Math.max(0, ...heads.map((head) => toTextWidth(head[index] ?? ''))) + GAP, 0);
  const room = Math.max(SHORTEST_SUMMARY, width - taken);
  const rows = heads.map((head, index) => [...head, toFittedText(toTerminalText(strategies[index]?.summary ?? ''), room)]);
  const lines =
    strategies.length === 0
      ? ['No strategies yet. Write one with `quantbot strategies new NAME`.']
      : toTableLines({ columns, rows }, width);
  const broken = problems.flatMap(({ code, message }) => ['', ...toTerminalLines(`! ${code}: ${message}`)]);
  return `${[...lines, ...broken].join('\n')}\n`;
}

function toTerminalLines(text: string): readonly string[] {
  return text.split('\n').map(toTerminalText);
}

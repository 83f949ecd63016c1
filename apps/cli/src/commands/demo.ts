/** `quantbot demo`: the main job on a generated market, from raw files to the report. */
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { generateMarket, type MarketSummary } from '@quantbot/backtest';
import { toIntervalLabel } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';
import { createWorkspace, toWorkspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';

const SEED = 2025;

/** Runs another command of the same program, and shows the user which one it is. */
export type RunCommand = (args: readonly string[]) => Promise<void>;

export function createDemoCommand(context: CliContext, run: RunCommand): Command {
  return createCommand('demo', 'Make a realistic market, import it, run V1 baseline on it and write a report', [
    'quantbot demo',
    'quantbot demo my-demo',
  ])
    .argument('[dir]', 'the workspace of the demo, made if it is not there', 'demo-workspace')
    .action(async (dir: string, flags: CommonFlags) => {
      const root = resolve(context.cwd, dir);
      const say = (text: string): void => {
        if (flags.quiet !== true)
          context.stderr.write(`${text}
`);
      };
      await prepareWorkspace(root);
      const market = await generateMarket({ seed: SEED, dir: join(root, 'market') });
      say(`Made a market in ${market.dir}: ${describe(market)} (seed ${String(SEED)})`);
      const commands = [
        ['data', 'import', market.candlesDir, market.callsPath, '--workspace', root, '--quiet'],
        ['backtest', 'v1-baseline', '--mode', 'both', '--workspace', root],
      ];
      for (const args of commands) {
        say(`\n$ quantbot ${args.join(' ')}`);
        await run(args);
      }
    });
}

async function prepareWorkspace(root: string): Promise<void> {
  const isThere = await access(toWorkspace(root).configPath).then(
    () => true,
    () => false,
  );
  if (!isThere) await createWorkspace(root);
}

function describe(market: MarketSummary): string {
  const count = (value: number, name: string): string => `${value.toLocaleString('en-GB')} ${name}`;
  return [
    count(market.tokens + market.tokensWithoutCandles, 'tokens'),
    count(market.candles, `candles of ${toIntervalLabel(market.intervalS)}`),
    count(market.calls, 'calls'),
    count(market.callers, 'callers'),
  ].join(', ');
}

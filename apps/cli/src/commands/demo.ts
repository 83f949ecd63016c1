/** `quantbot demo`: the main jobs on a generated market, from raw files to reports: calls, and a strategy on candles. */
import { access, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { generateMarket, generatePair, type MarketSummary } from '@quantbot/backtest';
import { toIntervalLabel } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';
import { toShownPath } from '../workspace/run-dir.ts';
import { createWorkspace, toWorkspace, type Workspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';

const SEED = 2025;
const STRATEGY = 'golden_cross';

/** Runs another command of the same program, and shows the user which one it is. */
export type RunCommand = (args: readonly string[]) => Promise<void>;

export function createDemoCommand(context: CliContext, run: RunCommand): Command {
  return createCommand('demo', 'Make a realistic market, import it, run V1 baseline and a strategy on candles, and write their reports', [
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
      const workspace = await prepareWorkspace(root);
      const market = await generateMarket({ seed: SEED, dir: join(root, 'market') });
      say(`Made a market in ${market.dir}: ${describe(market)} (seed ${String(SEED)})`);
      const pair = await generatePair({ seed: SEED, dir: market.dir });
      say(`and ${pair.symbol}, a currency pair with ${pair.candles.toLocaleString('en-GB')} candles of 1h`);
      const before = await listRuns(workspace);
      const hasStrategy = await isThere(join(workspace.strategiesDir, `${STRATEGY}.yaml`));
      const commands = [
        ['data', 'import', market.candlesDir, market.callsPath, '--quiet'],
        ['backtest', 'v1-baseline', '--mode', 'both'],
        ...(hasStrategy ? [] : [['strategies', 'new', STRATEGY, '--template', STRATEGY, '--quiet']]),
        ['backtest', 'run', STRATEGY, '--symbol', pair.symbol, '--timeframe', '1h', '--fee-bps', '1', '--slippage-bps', '1'],
      ];
      for (const args of commands) {
        const whole = [...args, '--workspace', root];
        say(`\n$ quantbot ${whole.join(' ')}`);
        await run(whole);
      }
      const reports = (await listRuns(workspace)).filter((name) => !before.includes(name));
      const paths = reports.map((name) => `  ${toShownPath(context, join(workspace.runsDir, name, 'report.html'))}`);
      say(`\nReports to open in a browser:\n${paths.join('\n')}`);
    });
}

async function prepareWorkspace(root: string): Promise<Workspace> {
  const workspace = toWorkspace(root);
  return (await isThere(workspace.configPath)) ? workspace : createWorkspace(root);
}

async function listRuns({ runsDir }: Workspace): Promise<readonly string[]> {
  return (await isThere(runsDir)) ? readdir(runsDir) : [];
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
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

/** `quantbot init`: a new workspace. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';
import { createWorkspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';

const NEXT = `Next, for a strategy on candles:
  quantbot data import CANDLES
  quantbot strategies new my_cross
  quantbot backtest run my_cross
or for calls:
  quantbot data import CANDLES CALLS
  quantbot backtest v1-baseline
`;

export function createInitCommand(context: CliContext): Command {
  return createCommand('init', 'Make a workspace: quantbot.yaml, data/, runs/, strategies/', ['quantbot init', 'quantbot init my-research'])
    .argument('[dir]', 'the folder, made if it is not there', '.')
    .action(async (dir: string, flags: CommonFlags) => {
      const workspace = await createWorkspace(resolve(context.cwd, dir));
      context.stdout.write(`Made a workspace in ${workspace.root}\n`);
      if (flags.quiet !== true) context.stderr.write(NEXT);
    });
}

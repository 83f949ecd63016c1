/** `quantbot init`: a new workspace. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';
import { createWorkspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';

export function createInitCommand(context: CliContext): Command {
  return createCommand('init', 'Make a workspace: quantbot.yaml, data/, runs/, strategies/', ['quantbot init', 'quantbot init my-research'])
    .argument('[dir]', 'the folder, made if it is not there', '.')
    .action(async (dir: string, flags: CommonFlags) => {
      const workspace = await createWorkspace(resolve(context.cwd, dir));
      context.stdout.write(`Made a workspace in ${workspace.root}\n`);
      if (flags.quiet !== true) context.stderr.write('Next: quantbot data import CANDLES CALLS, then quantbot backtest v1-baseline\n');
    });
}

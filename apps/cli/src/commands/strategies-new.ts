/** `quantbot strategies new`: a strategy to begin with, copied from a worked example. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findTemplate, renderTemplate, STRATEGY_TEMPLATES } from '@quantbot/backtest';
import { AppError, StrategyNameSchema } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';
import { findWorkspace } from '../workspace/workspace.ts';
import { toShownPath } from '../workspace/run-dir.ts';
import { createCommand } from './command.ts';

interface NewFlags extends CommonFlags {
  readonly template: string;
}

export function createStrategiesNewCommand(context: CliContext): Command {
  const templates = STRATEGY_TEMPLATES.map(
    ({ name, kind, summary }) => `  ${name.padEnd(20)} ${kind === 'rules' ? 'YAML  ' : 'Python'}  ${summary}`,
  );
  return createCommand('new', 'Write a new strategy into strategies/, from a worked example', [
    'quantbot strategies new my_cross',
    'quantbot strategies new my_breakout --template donchian_regime',
  ])
    .argument('<name>', 'what the strategy and its file are called')
    .option('--template <template>', 'the example to begin with', 'golden_cross')
    .addHelpText('after', `\n\nTemplates:\n${templates.join('\n')}`)
    .action(async (name: string, flags: NewFlags) => {
      const workspace = await findWorkspace(flags.workspace, context.cwd);
      const checked = StrategyNameSchema.safeParse(name);
      if (!checked.success) throw new AppError('USAGE', `${checked.error.issues[0]?.message ?? 'expected another name'}, found "${name}"`);
      const { fileName, text } = await renderTemplate(findTemplate(flags.template), name);
      const path = join(workspace.strategiesDir, fileName);
      await writeNewFile(workspace.strategiesDir, { path, text });
      context.stdout.write(`Wrote ${toShownPath(context, path)}\n`);
      if (flags.quiet !== true) context.stderr.write(`Next: quantbot strategies check ${name}, then quantbot backtest run ${name}\n`);
    });
}

async function writeNewFile(dir: string, { path, text }: { readonly path: string; readonly text: string }): Promise<void> {
  await mkdir(dir, { recursive: true });
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new AppError('USAGE', `${path} is there already; choose another name. Nothing was changed`, { cause: error });
  }
}

/** `quantbot strategies ...`: the strategies on candles of the workspace. */
import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { createStrategiesCheckCommand } from './strategies-check.ts';
import { createStrategiesListCommand } from './strategies-list.ts';
import { createStrategiesNewCommand } from './strategies-new.ts';
import { createStrategiesShowCommand } from './strategies-show.ts';

export function createStrategiesCommand(context: CliContext): Command {
  return new Command('strategies')
    .description('Strategies on candles: YAML and Python files in strategies/ of the workspace')
    .addCommand(createStrategiesListCommand(context))
    .addCommand(createStrategiesShowCommand(context))
    .addCommand(createStrategiesCheckCommand(context))
    .addCommand(createStrategiesNewCommand(context));
}

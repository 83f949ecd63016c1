/** The tree of commands. */
import { Command } from 'commander';
import { createBacktestRunCommand } from './commands/backtest-run.ts';
import { createBacktestV1BaselineCommand } from './commands/backtest-v1-baseline.ts';
import { createConfigCommand } from './commands/config.ts';
import { createDataCommand } from './commands/data.ts';
import { createDemoCommand } from './commands/demo.ts';
import { createEngineCommand } from './commands/engine.ts';
import { createInitCommand } from './commands/init.ts';
import { createKeysCommand } from './commands/keys.ts';
import { createLeaderboardCommand } from './commands/leaderboard.ts';
import { createOptimizeCommand } from './commands/optimize.ts';
import { createServeCommand } from './commands/serve.ts';
import { createStrategiesCommand } from './commands/strategies.ts';
import { createStudiesCommand } from './commands/studies.ts';
import { createWalkForwardCommand } from './commands/walk-forward.ts';
import type { CliContext } from './context.ts';

export function createProgram(context: CliContext): Command {
  const program = new Command('quantbot')
    .description('Backtests and optimises trading strategies on your own machine')
    .version(context.version)
    .exitOverride()
    .showHelpAfterError('(add --help for the flags and examples)')
    .addHelpText(
      'after',
      '\nExamples:\n  $ quantbot init my-research\n  $ quantbot data import candles/ calls.csv\n  $ quantbot backtest v1-baseline\n  $ quantbot strategies new my_cross && quantbot backtest run my_cross\n  $ quantbot optimize --config study.yaml',
    );
  program.addCommand(createInitCommand(context));
  program.addCommand(createDataCommand(context));
  program.addCommand(
    new Command('backtest')
      .description('Run backtests')
      .addCommand(createBacktestRunCommand(context))
      .addCommand(createBacktestV1BaselineCommand(context)),
  );
  program.addCommand(createStrategiesCommand(context));
  program.addCommand(createOptimizeCommand(context));
  program.addCommand(createWalkForwardCommand(context));
  program.addCommand(createStudiesCommand(context));
  program.addCommand(createLeaderboardCommand(context));
  program.addCommand(createServeCommand(context));
  program.addCommand(createKeysCommand(context));
  program.addCommand(createConfigCommand(context));
  program.addCommand(createEngineCommand(context));
  program.addCommand(
    createDemoCommand(context, async (args) => {
      await createProgram(context).parseAsync(args, { from: 'user' });
    }),
  );
  applyToAll(program, (command) => command.exitOverride());
  return program;
}

function applyToAll(command: Command, apply: (command: Command) => void): void {
  apply(command);
  command.commands.forEach((child) => {
    applyToAll(child, apply);
  });
}

/** Entry of the `quantbot` command: parses, runs, and turns whatever went wrong into one message and an exit code. */
import { AppError, EXIT_CODES } from '@quantbot/core';
import { CommanderError } from 'commander';
import { createContext } from './context.ts';
import { createProgram } from './program.ts';
import { findInterruptExitCode } from './terminal/interrupt.ts';
import { toErrorView } from './terminal/show-error.ts';

const context = createContext();

// A reader that has seen enough (`quantbot ... | head`) is no error.
context.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT_CODES.ok : EXIT_CODES.internal));

try {
  await createProgram(context).parseAsync(process.argv);
} catch (error) {
  process.exitCode = error instanceof CommanderError ? toCommanderExit(error) : showError(error);
}

/** commander has printed its own message; help and version are no mistakes. */
function toCommanderExit(error: CommanderError): number {
  return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
}

function showError(error: unknown): number {
  const view = toErrorView(error, context.argv.includes('--verbose') || context.argv.includes('-v'));
  context.stderr.write(`${view.text}\n`);
  const isCancelled = error instanceof AppError && error.code === 'CANCELLED';
  return isCancelled ? (findInterruptExitCode() ?? view.exitCode) : view.exitCode;
}

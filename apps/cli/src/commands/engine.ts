/** `quantbot engine < request.json`: the one-shot form. stdout holds one JSON document, whatever happens. */
import { PythonEngine, toErrorAnswer } from '@quantbot/backtest';
import { AppError } from '@quantbot/core';
import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { watchInterrupts } from '../terminal/interrupt.ts';

export function createEngineCommand(context: CliContext): Command {
  return new Command('engine')
    .description('Compute one request, JSON on stdin, and print the result or {"error": ...} as JSON')
    .addHelpText('after', '\nExamples:\n  $ quantbot engine < request.json > response.json')
    .action(async () => {
      const interrupt = watchInterrupts();
      const answer = await answerOnce(context, interrupt.signal);
      interrupt.stop();
      context.stdout.write(`${answer.output}\n`);
      process.exitCode = interrupt.exitCode() ?? answer.exitCode;
    });
}

async function answerOnce(context: CliContext, signal: AbortSignal): ReturnType<PythonEngine['runOnce']> {
  using engine = new PythonEngine();
  try {
    return await engine.runOnce(Buffer.concat(await context.stdin.toArray({ signal })), { signal, timeoutMs: 3_600_000 });
  } catch (error) {
    if (signal.aborted) return toErrorAnswer(new AppError('CANCELLED', 'the work was cancelled before it was done'));
    return toErrorAnswer(
      error instanceof AppError ? error : new AppError('INTERNAL', error instanceof Error ? error.message : String(error)),
    );
  }
}

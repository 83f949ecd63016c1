/** The one-shot form of the predecessors: one process, a request on stdin, one JSON document on stdout. */
import { spawn } from 'node:child_process';
import { AppError, ERROR_CATALOGUE } from '@quantbot/core';
import type { WorkerCommand } from './engine-worker.ts';
import { killProcessTree } from './process-tree.ts';
import { createStderrTail, type StderrTail } from './stderr-tail.ts';

export interface OneShotAnswer {
  /** 0, or the exit code of the error in `output`. */
  readonly exitCode: number;
  /** The result, or `{"error": {...}}`; always one JSON document. */
  readonly output: string;
}

interface OneShotOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export function toErrorAnswer(error: AppError): OneShotAnswer {
  const body = { error: { code: error.code, message: error.message, details: error.details, traceback: null } };
  return { exitCode: ERROR_CATALOGUE[error.code].exitCode, output: JSON.stringify(body) };
}

export function runOneShot(command: WorkerCommand, input: Buffer, options: OneShotOptions): Promise<OneShotAnswer> {
  return new Promise((resolve) => {
    const child = spawn(command.file, command.args, { env: { ...command.env }, detached: true, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr = createStderrTail();
    let ended: AppError | undefined;
    const end = (error: AppError): void => {
      ended ??= error;
      if (child.pid !== undefined) killProcessTree(child.pid);
    };
    const onAbort = (): void => { end(new AppError('CANCELLED', 'the work was cancelled before it was done')); };
    const timer = setTimeout(() => { end(new AppError('ENGINE_TIMEOUT', `the engine did not answer within ${String(options.timeoutMs / 1000)} s and was ended`)); }, options.timeoutMs);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    child.on('error', (error) => { ended ??= new AppError('ENGINE_CRASHED', `the engine could not be started: ${error.message}`); });
    child.stdin.on('error', () => undefined); // A process that ended early closed its end; 'close' tells the story.
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => { stderr.push(chunk); });
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      resolve(ended === undefined ? toAnswer({ exitCode, signal, output: Buffer.concat(stdout).toString('utf8'), stderr }) : toErrorAnswer(ended));
    });
    child.stdin.end(input);
  });
}

interface Finished {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly stderr: StderrTail;
}

/** What the engine printed counts only when it ended by itself with one whole JSON document. */
function toAnswer({ exitCode, signal, output, stderr }: Finished): OneShotAnswer {
  if (exitCode !== null && isJsonObject(output)) return { exitCode, output: output.trimEnd() };
  const how = signal === null ? `with exit code ${String(exitCode)}` : `by ${signal}`;
  return toErrorAnswer(new AppError('ENGINE_CRASHED', `the engine process ended ${how} without a result`, { details: { exitCode, signal, stderr: stderr.lines() } }));
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

/** What a command gets from the outside: streams, the clock, the folder it was called in. Only this file and main.ts touch the process. */
import { PythonEngine } from '@quantbot/backtest';
import type { MarketDataCatalogue } from '@quantbot/core';
import { openCatalogue } from '@quantbot/storage';
import packageJson from '../package.json' with { type: 'json' };
import { watchInterrupts, type Interrupt } from './terminal/interrupt.ts';
import { createProgressLine, type ProgressLine } from './terminal/progress.ts';
import { findWorkspace, type Workspace } from './workspace/workspace.ts';

/** Flags that every command has. */
export interface CommonFlags {
  readonly workspace?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
}

export interface CliContext {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly argv: readonly string[];
  readonly version: string;
  readonly nowMs: () => number;
  /** For ends that are no errors, such as work that was stopped by the user. */
  readonly setExitCode: (code: number) => void;
}

export function createContext(): CliContext {
  const { stdout, stderr, stdin, env, argv } = process;
  return {
    stdout,
    stderr,
    stdin,
    env,
    argv: argv.slice(2),
    cwd: process.cwd(),
    version: packageJson.version,
    nowMs: () => Date.now(),
    setExitCode(code) {
      process.exitCode = code;
    },
  };
}

/** An open workspace for the length of one command. */
export interface OpenWorkspace {
  readonly workspace: Workspace;
  readonly catalogue: MarketDataCatalogue;
}

export async function withWorkspace<T>(context: CliContext, flags: CommonFlags, use: (open: OpenWorkspace) => Promise<T>): Promise<T> {
  const workspace = await findWorkspace(flags.workspace, context.cwd);
  const catalogue = await openCatalogue(workspace.dataDir);
  try {
    return await use({ workspace, catalogue });
  } finally {
    await catalogue.close();
  }
}

export interface EngineRoom {
  readonly engine: PythonEngine;
  readonly interrupt: Interrupt;
  readonly progress: ProgressLine;
}

export interface EngineFlags extends CommonFlags {
  /** Limit of each operation that does not have its own. */
  readonly engineTimeoutMs?: number;
}

/** An engine, progress on stderr and Ctrl-C for the length of one computation. */
export async function withEngine<T>(context: CliContext, flags: EngineFlags, use: (room: EngineRoom) => Promise<T>): Promise<T> {
  const engine = new PythonEngine(flags.engineTimeoutMs === undefined ? {} : { timeoutMs: flags.engineTimeoutMs });
  const interrupt = watchInterrupts();
  const progress = createProgressLine({ stream: context.stderr, isQuiet: flags.quiet === true, nowMs: context.nowMs });
  try {
    return await use({ engine, interrupt, progress });
  } finally {
    progress.finish();
    interrupt.stop();
    engine.close();
  }
}

export function useColor(context: CliContext, flags: CommonFlags, stream: NodeJS.WriteStream): boolean {
  if (flags.color === false || (context.env['NO_COLOR'] ?? '') !== '') return false;
  return (context.env['FORCE_COLOR'] ?? '') !== '' || stream.isTTY;
}

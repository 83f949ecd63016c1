/** Runs the real command in a process of its own, the way a user does. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../src/main.ts');
/** As the launcher sets it. */
const COMPILE_CACHE = join(import.meta.dirname, '../../../.cache/node-compile');

export interface CliRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with everything that stderr has said so far; may send a signal. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

export interface RunningCli {
  readonly ended: Promise<CliRun>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

export function runCli(args: readonly string[], options: CliOptions): Promise<CliRun> {
  return startCli(args, options).ended;
}

/** For commands that something happens to while they run. */
export function startCli(args: readonly string[], options: CliOptions): RunningCli {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: options.cwd,
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env, NO_COLOR: '1', ...options.env },
  });
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
  const ended = new Promise<CliRun>((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
      options.onStderr?.(stderr, kill);
    });
    child.on('error', reject);
    child.on('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr });
    });
    child.stdin.on('error', () => undefined); // A command that does not read stdin may be gone already.
    child.stdin.end(options.input ?? '');
  });
  return { ended, kill };
}

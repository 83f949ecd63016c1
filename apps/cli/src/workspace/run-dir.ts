/** The folder of a run's report below runs/, and how the run was made, for the report. */
import { mkdir } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { RunProvenance } from '@quantbot/backtest';
import type { CliContext } from '../context.ts';
import type { Workspace } from './workspace.ts';

export interface RunNames {
  readonly createdAt: string;
  /** What the run was, for the folder's name. */
  readonly kind: string;
  readonly sliceId: string;
  /** The folder that the user asked for; anything else: a new one below runs/. */
  readonly asked: string | boolean | undefined;
}

/** Where the report goes; made if it is below runs/. */
export async function chooseRunDir(
  context: CliContext,
  workspace: Workspace,
  { createdAt, kind, sliceId, asked }: RunNames,
): Promise<string> {
  if (typeof asked === 'string') return resolve(context.cwd, asked);
  const time = createdAt.replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
  return createRunDir(workspace, `${time}-${kind}-${sliceId.slice(0, 8)}`);
}

/** Two runs in one second must not write into each other's folder. */
async function createRunDir(workspace: Workspace, name: string): Promise<string> {
  await mkdir(workspace.runsDir, { recursive: true });
  for (let copy = 1; ; copy += 1) {
    const dir = join(workspace.runsDir, copy === 1 ? name : `${name}-${String(copy)}`);
    try {
      await mkdir(dir);
      return dir;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

type Measured = Pick<RunProvenance, 'createdAt' | 'engineSourceHash' | 'workers' | 'timingsMs'>;

export function toRunProvenance(context: CliContext, workspace: Workspace, measured: Measured): RunProvenance {
  return {
    ...measured,
    command: ['quantbot', ...context.argv],
    nodeVersion: process.version,
    workspaceName: workspace.name,
    platform: `${platform()} ${arch()}`,
  };
}

/** Relative to where the user is, unless it lies elsewhere. */
export function toShownPath(context: CliContext, path: string): string {
  const fromHere = relative(context.cwd, path);
  return fromHere.startsWith('..') ? path : fromHere;
}

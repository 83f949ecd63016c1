/** What a study was made with: kept with it, so that it can be made again and a change of its sources is seen. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem, availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listSourceFiles, readStudySpec, type LoadedStrategy, type SpaceProbe, type StudySpec } from '@quantbot/backtest';
import { AppError, type Study } from '@quantbot/core';
import type { CliContext } from '../context.ts';
import type { Workspace } from '../workspace/workspace.ts';

const GIT_TIMEOUT_MS = 5_000;

export interface StudySources {
  readonly workspace: Workspace;
  readonly probe: SpaceProbe;
  /** Python files that trials run, absolute. */
  readonly strategyFiles: readonly string[];
  /** On candles: where its rules came from. They themselves are part of the study. */
  readonly strategy?: LoadedStrategy | undefined;
}

export async function toProvenance(
  context: CliContext,
  { workspace, probe, strategyFiles, strategy }: StudySources,
): Promise<StudySpec['provenance']> {
  const hashes = await Promise.all(strategyFiles.map(async (path) => [path, await hashFile(path)] as const));
  return {
    command: ['quantbot', ...context.argv],
    quantbot_version: context.version,
    engine_version: probe.version.engineVersion,
    engine_source_hash: probe.version.sourceHash,
    node_version: process.version,
    strategy_files: Object.fromEntries(hashes),
    ...(strategy !== undefined && { strategy_path: strategy.path, strategy_source_hash: strategy.sourceHash }),
    git_commit: (await findCommit(workspace.root)) ?? null,
    quantbot_git_commit: (await findCommit(import.meta.dirname)) ?? null,
  };
}

/** Of the machine that writes a report: part of its manifest, never of the study. */
export function describeMachine(): Readonly<Record<string, string | number>> {
  return {
    platform: `${platform()} ${arch()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory_mib: Math.round(totalmem() / 2 ** 20),
  };
}

/**
 * A study that goes on must not mix trials of two versions of a strategy. Throws INVALID_STUDY for a file that changed;
 * returns a remark if the engine's own sources did.
 */
export async function checkSources(study: Study, probe: SpaceProbe): Promise<string | undefined> {
  const { strategy, provenance } = readStudySpec(study);
  const known = provenance['strategy_files'];
  for (const path of listSourceFiles(strategy)) {
    const expected = typeof known === 'object' && known !== null && !Array.isArray(known) ? known[path] : undefined;
    if (expected === (await hashFile(path))) continue;
    throw new AppError(
      'INVALID_STUDY',
      `${path} is not what it was when study ${study.id} began; put the old version back, or start a new study from its file`,
    );
  }
  if (provenance['engine_source_hash'] === probe.version.sourceHash) return undefined;
  return `the engine has changed since study ${study.id} began: trials from here on may differ from what they would have been`;
}

async function hashFile(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  } catch (cause) {
    throw new AppError('FILE_NOT_FOUND', `expected a Python file with a strategy at ${path}, found none`, { cause });
  }
}

/** `<commit>` or `<commit>-dirty` of the repository that the folder is in; undefined without git or outside of one. */
async function findCommit(folder: string): Promise<string | undefined> {
  try {
    const args = ['-C', join(folder), 'describe', '--always', '--abbrev=40', '--exclude=*', '--dirty'];
    const { stdout } = await promisify(execFile)('git', args, { timeout: GIT_TIMEOUT_MS });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

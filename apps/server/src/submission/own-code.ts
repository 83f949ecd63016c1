/** A study that comes over the network runs no code but that of the workspace's strategies, whatever its text says. */
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import type { StudyPlan } from '@quantbot/backtest';
import { AppError } from '@quantbot/core';

export interface CodeFolders {
  readonly root: string;
  readonly strategiesDir: string;
}

/** The Python files that a study names itself, absolute, links resolved. Throws INVALID_STUDY for code from anywhere but strategies/. */
export async function findOwnCode(
  { root, strategiesDir }: CodeFolders,
  { strategy }: Pick<StudyPlan, 'strategy'>,
): Promise<readonly string[]> {
  // The engine runs these files. A strategy of the workspace brings its own, which stand beside it.
  if (Object.hasOwn(strategy.config ?? {}, 'signal_files')) {
    throw new AppError(
      'INVALID_STUDY',
      'strategy.config: signal_files are not taken over the network; put signals into strategies/signals/',
    );
  }
  const files = strategy.files ?? [];
  if (files.length === 0) return [];
  const allowed = await realpath(strategiesDir).catch(() => strategiesDir);
  return Promise.all(
    files.map(async (path) => {
      const full = await realpath(resolve(root, path)).catch(() => undefined);
      if (full !== undefined && full.endsWith('.py') && isInside(allowed, full)) return full;
      throw new AppError('INVALID_STUDY', `strategy.files: expected Python files below strategies/, found ${path}`);
    }),
  );
}

function isInside(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '' && !inside.startsWith('..') && !isAbsolute(inside);
}

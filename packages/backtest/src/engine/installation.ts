/** Where this installation lies: its Python, the engine's sources and the cache. The TypeScript side's only knowledge of what set-up made. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '@quantbot/core';

/** Absolute paths. */
export interface Installation {
  readonly repoRoot: string;
  /** The Python of `.venv`, or the one that QUANTBOT_ENGINE_PYTHON names. */
  readonly python: string;
  /** For PYTHONPATH, so that an interpreter outside `.venv` finds the engine too. */
  readonly engineSrc: string;
  /** Holds what can be made again at any time, such as compiled kernels. */
  readonly cacheDir: string;
}

const REPO_ROOT = path.resolve(import.meta.dirname, '../../../..');

/**
 * Throws AppError SETUP_INCOMPLETE when the Python is not there.
 * QUANTBOT_ENGINE_PYTHON names an interpreter that has the locked packages already (a container, a cluster's image); it is
 * not QUANTBOT_PYTHON, from which set-up makes `.venv` and which may well stay exported without having NumPy.
 */
export function findInstallation(env: Readonly<Record<string, string | undefined>> = process.env, repoRoot = REPO_ROOT): Installation {
  const named = env['QUANTBOT_ENGINE_PYTHON'];
  const python = named === undefined || named === '' ? toVenvPython(repoRoot) : path.resolve(named);
  if (!existsSync(python)) {
    throw new AppError('SETUP_INCOMPLETE', `The engine's Python is missing: expected ${python}. Run \`npm run setup\` in ${repoRoot}.`);
  }
  return { repoRoot, python, engineSrc: path.join(repoRoot, 'engine', 'src'), cacheDir: path.join(repoRoot, '.cache') };
}

function toVenvPython(repoRoot: string): string {
  return process.platform === 'win32' ? path.join(repoRoot, '.venv', 'Scripts', 'python.exe') : path.join(repoRoot, '.venv', 'bin', 'python');
}

/** Finds ccxt where the user may have installed it. It is large and needed by few, so it is no dependency and loaded only when asked for. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '@quantbot/core';
import { messageOf } from '../http/message-of.ts';

/** Looked for in the workspace, in quantbot's own folder, and among Node's global packages. SETUP_INCOMPLETE when it is nowhere. */
export async function loadCcxt(workspaceRoot: string): Promise<unknown> {
  const globalModules = join(dirname(dirname(process.execPath)), 'lib', 'node_modules');
  for (const folder of [workspaceRoot, import.meta.dirname, globalModules]) {
    const path = findPackage(folder);
    if (path !== undefined) return importPackage(path);
  }
  throw new AppError(
    'SETUP_INCOMPLETE',
    `candles of exchanges come through the package ccxt, which is not installed. Install it in the workspace:\n  cd ${workspaceRoot} && npm install ccxt\nor for all workspaces with \`npm install --global ccxt\`, and run the command again`,
  );
}

function findPackage(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve('ccxt');
  } catch {
    return undefined;
  }
}

async function importPackage(path: string): Promise<unknown> {
  try {
    return (await import(pathToFileURL(path).href)) as unknown;
  } catch (error) {
    throw new AppError('SETUP_INCOMPLETE', `the package ccxt in ${dirname(path)} cannot be loaded: ${messageOf(error)}; install it anew`, {
      cause: error,
    });
  }
}

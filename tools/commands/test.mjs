/**
 * `npm test [--long] [paths]`: both suites, both run even when one fails, counted together in the last line.
 * Paths choose: those below engine/ go to pytest, all others to Vitest.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { countPytest, countVitest, toSummary } from '../test-counts.mjs';
import { findNode } from '../setup/node-step.mjs';
import { cacheDir, engineDir, engineSrc, inNodeModules, repoRoot, venvPython } from '../setup/paths.mjs';
import { runVisibly } from '../setup/process.mjs';
import { runSetup } from '../setup/setup.mjs';

const resultsDir = path.join(cacheDir, 'test-results');
const vitestResults = path.join(resultsDir, 'vitest.json');
const pytestResults = path.join(resultsDir, 'pytest.xml');

/** @typedef {{ long: boolean, vitest: readonly string[] | undefined, pytest: readonly string[] | undefined }} Choice */

/** @param {readonly string[]} args @returns {Promise<number>} */
export async function runTests(args) {
  await runSetup({ dev: true });
  rmSync(resultsDir, { recursive: true, force: true });
  mkdirSync(resultsDir, { recursive: true });
  const choice = parseChoice(args);
  const env = choice.long ? { QUANTBOT_LONG: '1' } : {};
  const counts = [];
  if (choice.vitest !== undefined) counts.push(countVitest(vitestResults, await runVitest(choice.vitest, env)));
  if (choice.pytest !== undefined) counts.push(countPytest(pytestResults, await runPytest(choice.pytest, env)));
  process.stdout.write(`${toSummary(counts)}\n`);
  return counts.every(({ failed, passed }) => failed === 0 && passed > 0) ? 0 : 1;
}

/** Without paths both suites run whole; with paths only the suites that they belong to. @param {readonly string[]} args @returns {Choice} */
export function parseChoice(args) {
  const paths = args.filter((arg) => !arg.startsWith('--')).map((arg) => path.relative(repoRoot, path.resolve(arg)).replaceAll('\\', '/'));
  const pytest = paths
    .filter((arg) => arg === 'engine' || arg.startsWith('engine/'))
    .map((arg) => path.posix.relative('engine', arg) || '.');
  const vitest = paths.filter((arg) => arg !== 'engine' && !arg.startsWith('engine/'));
  return {
    long: args.includes('--long'),
    vitest: vitest.length > 0 || paths.length === 0 ? vitest : undefined,
    pytest: pytest.length > 0 || paths.length === 0 ? pytest : undefined,
  };
}

/** @param {readonly string[]} paths @param {Record<string, string>} env */
function runVitest(paths, env) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${vitestResults}`];
  return runVisibly(findNode(), [inNodeModules('vitest/vitest.mjs'), 'run', ...reporters, ...paths], { cwd: repoRoot, env });
}

/** @param {readonly string[]} paths @param {Record<string, string>} env */
function runPytest(paths, env) {
  return runVisibly(venvPython, ['-m', 'pytest', `--junitxml=${pytestResults}`, ...paths], {
    cwd: engineDir,
    env: { PYTHONPATH: engineSrc, ...env },
  });
}

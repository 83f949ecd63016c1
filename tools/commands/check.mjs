/** `npm run check`: every rule of the house, cheapest first. All are run even when one fails; a table ends it. */
import { findNode } from '../setup/node-step.mjs';
import { engineDir, inNodeModules, inRepo, repoRoot, venvPython } from '../setup/paths.mjs';
import { runQuietly } from '../setup/process.mjs';
import { runSetup } from '../setup/setup.mjs';
import { GENERATORS } from './generate.mjs';

/** @typedef {{ title: string, command: string, args: readonly string[], cwd?: string }} Check */
/** @typedef {{ title: string, isFine: boolean, seconds: number }} Outcome */

/** @returns {readonly Check[]} */
function listChecks() {
  const node = findNode();
  /** @param {string} title @param {string} script @param {readonly string[]} args @returns {Check} */
  const npmTool = (title, script, args) => ({ title, command: node, args: [inNodeModules(script), ...args] });
  /** @param {string} title @param {readonly string[]} args @returns {Check} */
  const pythonTool = (title, args) => ({ title, command: venvPython, args: ['-m', ...args], cwd: engineDir });
  return [
    npmTool('format of TypeScript (prettier)', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
    pythonTool('format of Python (ruff)', ['ruff', 'format', '--check', '.']),
    npmTool('lint of TypeScript (eslint)', 'eslint/bin/eslint.js', ['--max-warnings', '0', '.']),
    pythonTool('lint of Python (ruff)', ['ruff', 'check', '.']),
    npmTool('types of TypeScript (tsc)', 'typescript/bin/tsc', ['--project', 'tsconfig.json']),
    npmTool('types of the report page (tsc)', 'typescript/bin/tsc', ['--project', 'packages/backtest/src/report/page/tsconfig.json']),
    npmTool('types of the dashboard page (tsc)', 'typescript/bin/tsc', [
      '--project',
      'packages/backtest/src/study-report/page/tsconfig.json',
    ]),
    pythonTool('types of Python (mypy)', ['mypy', '--strict', 'src', 'tests', 'benchmarks']),
    npmTool('who imports whom, circles (dependency-cruiser)', 'dependency-cruiser/bin/dependency-cruiser.mjs', [
      'packages',
      'apps',
      'tools',
    ]),
    npmTool('dead code (knip)', 'knip/bin/knip.js', []),
    ...GENERATORS.map((script) => ({ title: `generated files (${script})`, command: node, args: [inRepo(script), '--check'] })),
    { title: 'no registry host or path of one machine', command: node, args: [inRepo('tools/check-portability.mjs')] },
  ];
}

/** @returns {Promise<number>} */
export async function runCheck() {
  await runSetup({ dev: true });
  /** @type {Outcome[]} */
  const outcomes = [];
  for (const check of listChecks()) outcomes.push(await runOne(check));
  process.stdout.write(`\n${outcomes.map(toLine).join('\n')}\n`);
  return outcomes.every(({ isFine }) => isFine) ? 0 : 1;
}

/** @param {Check} check @returns {Promise<Outcome>} */
async function runOne({ title, command, args, cwd = repoRoot }) {
  const startedAt = performance.now();
  const { code, output } = await runQuietly(command, args, { cwd });
  if (code !== 0) process.stdout.write(`\n--- ${title}\n${output.trim()}\n`);
  return { title, isFine: code === 0, seconds: (performance.now() - startedAt) / 1000 };
}

/** @param {Outcome} outcome */
function toLine({ title, isFine, seconds }) {
  return `${isFine ? 'ok    ' : 'FAILED'}  ${seconds.toFixed(1).padStart(5)} s  ${title}`;
}

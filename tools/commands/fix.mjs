/** `npm run fix`: formats, and mends what the linters can mend by themselves. */
import { findNode } from '../setup/node-step.mjs';
import { engineDir, inNodeModules, repoRoot, venvPython } from '../setup/paths.mjs';
import { runVisibly } from '../setup/process.mjs';
import { runSetup } from '../setup/setup.mjs';

/** @returns {Promise<number>} */
export async function runFix() {
  await runSetup({ dev: true });
  const node = findNode();
  const codes = [
    await runVisibly(node, [inNodeModules('eslint/bin/eslint.js'), '--fix', '.'], { cwd: repoRoot }),
    await runVisibly(node, [inNodeModules('prettier/bin/prettier.cjs'), '--write', '--log-level', 'warn', '.'], { cwd: repoRoot }),
    await runVisibly(venvPython, ['-m', 'ruff', 'check', '--fix', '.'], { cwd: engineDir }),
    await runVisibly(venvPython, ['-m', 'ruff', 'format', '.'], { cwd: engineDir }),
  ];
  return codes.some((code) => code !== 0) ? 1 : 0;
}

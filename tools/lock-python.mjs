/**
 * Writes engine/requirements*.lock again from engine/requirements*.txt, with the hashes of all wheels for Python 3.11
 * to 3.13 on Linux, macOS and Windows. Run by hand after a version in a .txt was changed: node tools/lock-python.mjs
 * uv resolves for all platforms at once, which pip cannot; it comes from the user's own Python index.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { engineDir } from './setup/paths.mjs';
import { runVisibly } from './setup/process.mjs';
import { findPython } from './setup/python-discovery.mjs';

const NAMES = ['requirements', 'requirements-dev', 'requirements-bench'];
const FLAGS = [
  '--universal',
  '--python-version',
  '3.11',
  '--generate-hashes',
  '--only-binary',
  ':all:',
  '--no-header',
  '--no-annotate',
  '--quiet',
];

const folder = mkdtempSync(path.join(tmpdir(), 'quantbot-lock-'));
try {
  const python = await findPython(process.env);
  const bin = path.join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  await run(python.command, [...python.first, '-m', 'venv', folder]);
  await run(path.join(bin, 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'uv']);
  for (const name of NAMES) {
    await run(path.join(bin, 'uv'), ['pip', 'compile', ...FLAGS, '--output-file', `${name}.lock`, `${name}.txt`]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} command @param {readonly string[]} args */
async function run(command, args) {
  const code = await runVisibly(command, args, { cwd: engineDir });
  if (code !== 0) throw new Error(`${path.basename(command)} failed with exit code ${code}`);
}

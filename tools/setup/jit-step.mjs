/** Step 4: the engine's kernels are compiled once, before several workers would do it at the same time. */
import path from 'node:path';
import { cacheDir, engineSrc, repoRoot, venvDir, venvPython } from './paths.mjs';
import { CommandFailed, runQuietly } from './process.mjs';
import { hashInputs, isStamped, listFiles, writeStamp } from './stamp.mjs';

const stampFile = path.join(cacheDir, 'numba', '.quantbot-setup');

/** @type {import('./setup.mjs').Step} */
export const jitStep = {
  title: 'Compiling the kernels of the engine',
  isDone: () => isStamped(stampFile, hashEngine()),
  async run(lock) {
    const ended = await runQuietly(venvPython, ['-m', 'quantbot_engine', 'warm'], {
      cwd: repoRoot,
      env: { PYTHONPATH: engineSrc, QUANTBOT_CACHE_DIR: cacheDir },
      onStart: lock.addChild,
    });
    if (ended.code !== 0) throw new CommandFailed('The engine', ended);
    writeStamp(stampFile, hashEngine());
  },
};

function hashEngine() {
  return hashInputs({ files: [path.join(venvDir, '.quantbot-setup'), path.join(venvDir, 'pyvenv.cfg'), ...listFiles(engineSrc, ['.py'])] });
}

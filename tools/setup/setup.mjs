/** Does what is not done yet of the set-up, one process at a time, and says so in one line a step. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { acquireLock } from './lock.mjs';
import { jitStep } from './jit-step.mjs';
import { nodeStep } from './node-step.mjs';
import { npmStep } from './npm-step.mjs';
import { cacheDir, repoRoot } from './paths.mjs';
import { checkFreeSpace } from './prerequisite.mjs';
import { pythonDevStep, pythonStep } from './python-step.mjs';

/**
 * `check` throws PrerequisiteError when the step could not succeed; all checks come before the first download.
 * @typedef {{ title: string, isDone: () => boolean, check?: () => Promise<void>, run: (lock: import('./lock.mjs').HeldLock) => Promise<void> }} Step
 */

const RUN_STEPS = [nodeStep, npmStep, pythonStep, jitStep];
const DEV_STEPS = [nodeStep, npmStep, pythonStep, pythonDevStep, jitStep];

/**
 * Returns whether anything was to be done. Killed at any moment, the next call goes on with the step that was not ended.
 * @param {{ dev: boolean }} options dev: also what tests and checks need
 */
export async function runSetup({ dev }) {
  const steps = dev ? DEV_STEPS : RUN_STEPS;
  if (steps.every((step) => step.isDone())) return false;
  checkFreeSpace(repoRoot);
  mkdirSync(cacheDir, { recursive: true });
  const lock = await acquireLock(path.join(cacheDir, 'setup.lock'), (pid) => {
    process.stderr.write(`Another set-up is running (process ${pid}); waiting for it.\n`);
  });
  try {
    for (const step of steps) if (!step.isDone()) await step.check?.();
    for (const step of steps) if (!step.isDone()) await runStep(step, lock);
  } finally {
    lock.release();
  }
  return true;
}

/** @param {Step} step @param {import('./lock.mjs').HeldLock} lock */
async function runStep(step, lock) {
  const startedAt = performance.now();
  process.stderr.write(`set-up  ${step.title} ... `);
  try {
    await step.run(lock);
  } catch (error) {
    process.stderr.write('failed\n');
    throw error;
  }
  process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
}

/** `npm run generate`: writes again whatever is made from something else. `npm run check` fails when this would change a file. */
import { findNode } from '../setup/node-step.mjs';
import { inRepo, repoRoot } from '../setup/paths.mjs';
import { runVisibly } from '../setup/process.mjs';
import { runSetup } from '../setup/setup.mjs';

/** Each knows --check: write nothing, and fail when a file is not what it would write. */
export const GENERATORS = ['tools/generate-protocol.ts', 'tools/generate-error-docs.ts'];

/** @returns {Promise<number>} */
export async function runGenerate() {
  await runSetup({ dev: true });
  for (const generator of GENERATORS) {
    const code = await runVisibly(findNode(), [inRepo(generator)], { cwd: repoRoot });
    if (code !== 0) return code;
  }
  return 0;
}

/** `npm run demo`: sets up what a run needs, then hands over to the command line's own demo. */
import { findNode } from '../setup/node-step.mjs';
import { cliMain } from '../setup/paths.mjs';
import { runVisibly } from '../setup/process.mjs';
import { runSetup } from '../setup/setup.mjs';

/** @param {readonly string[]} args @returns {Promise<number>} */
export async function runDemo(args) {
  await runSetup({ dev: false });
  return runVisibly(findNode(), [cliMain, 'demo', ...args]);
}

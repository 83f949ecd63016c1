/** `npm run setup`: everything that runs, tests and checks need. */
import { runSetup } from '../setup/setup.mjs';

/** @returns {Promise<number>} */
export async function runSetupCommand() {
  const hasDone = await runSetup({ dev: true });
  process.stderr.write(hasDone ? 'Set up. Next: npm run demo\n' : 'Everything is set up already.\n');
  return 0;
}

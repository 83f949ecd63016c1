/**
 * The one entry of all commands of the repository. Plain JavaScript on Node's own modules: an old Node must run it
 * before anything is installed.
 */
import { CommandFailed, leaveOnSignals } from './setup/process.mjs';
import { EXIT_MISSING_PREREQUISITE, PrerequisiteError } from './setup/prerequisite.mjs';

const OLDEST_MAJOR = 20;

/** @type {Record<string, () => Promise<(args: readonly string[]) => Promise<number>>>} */
const COMMANDS = {
  setup: async () => (await import('./commands/setup.mjs')).runSetupCommand,
  demo: async () => (await import('./commands/demo.mjs')).runDemo,
  test: async () => (await import('./commands/test.mjs')).runTests,
  bench: async () => (await import('./commands/bench.mjs')).runBench,
  check: async () => (await import('./commands/check.mjs')).runCheck,
  fix: async () => (await import('./commands/fix.mjs')).runFix,
  generate: async () => (await import('./commands/generate.mjs')).runGenerate,
};

async function main() {
  const [name = '', ...args] = process.argv.slice(2);
  if (Number.parseInt(process.versions.node, 10) < OLDEST_MAJOR) {
    throw new PrerequisiteError(`This is Node ${process.versions.node}; Node ${OLDEST_MAJOR} or newer is needed to set quantbot up.`);
  }
  const load = COMMANDS[name];
  if (load === undefined) {
    process.stderr.write(`Usage: node tools/run.mjs <${Object.keys(COMMANDS).join('|')}> [arguments]\n`);
    return 2;
  }
  return (await load())(args);
}

/** @param {unknown} error */
function explain(error) {
  if (error instanceof PrerequisiteError) {
    process.stderr.write(`\n${error.message}\n`);
    return EXIT_MISSING_PREREQUISITE;
  }
  if (error instanceof CommandFailed) {
    process.stderr.write(`\n${error.output.trim()}\n\n${error.message}. Its output is above.\n`);
    return 1;
  }
  throw error;
}

leaveOnSignals();
process.exitCode = await main().catch(explain);

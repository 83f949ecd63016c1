/** Step 1: the Node that the project runs on. The system's if it is new enough, else one from the npm registry. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { broughtNode, inRepo, isThere, nodeRuntimeDir } from './paths.mjs';
import { runNpm } from './npm.mjs';
import { PrerequisiteError } from './prerequisite.mjs';
import { runQuietly } from './process.mjs';
import { hashInputs, isStamped, removeStamp, writeStamp } from './stamp.mjs';

const SOURCES = ['package.json', 'package-lock.json'];
const stampFile = path.join(nodeRuntimeDir, 'node_modules', '.quantbot-setup');

/** The major version that .node-version asks for. */
function readNeededMajor() {
  return Number.parseInt(readFileSync(inRepo('.node-version'), 'utf8'), 10);
}

/** Whether the Node that runs this is new enough to run the project. @param {string} [version] */
export function isNewEnough(version = process.versions.node) {
  return Number.parseInt(version, 10) >= readNeededMajor();
}

/** The Node to run the project with; it is there once this step is done. */
export function findNode() {
  return isNewEnough() ? process.execPath : broughtNode;
}

/** @type {import('./setup.mjs').Step} */
export const nodeStep = {
  title: `Node ${readNeededMajor()} from the npm registry (this one is ${process.versions.node})`,
  isDone: () => isNewEnough() || (isThere(broughtNode) && isStamped(stampFile, hashRuntime())),
  async run(lock) {
    mkdirSync(nodeRuntimeDir, { recursive: true });
    removeStamp(stampFile);
    for (const name of SOURCES) copyFileSync(inRepo(`tools/node-runtime/${name}`), path.join(nodeRuntimeDir, name));
    await runNpm(['ci', '--ignore-scripts', '--include=optional'], nodeRuntimeDir, lock);
    await checkItRuns();
    writeStamp(stampFile, hashRuntime());
  },
};

async function checkItRuns() {
  const { code, output } = isThere(broughtNode) ? await runQuietly(broughtNode, ['--version']) : { code: 127, output: 'no such file' };
  if (code === 0) return;
  throw new PrerequisiteError(
    `quantbot needs Node ${readNeededMajor()}; this is Node ${process.versions.node}, and the npm registry has no newer one that runs on ` +
      `${process.platform} ${process.arch} (${output.trim().slice(0, 200)}).\nInstall Node ${readNeededMajor()} or newer and run the same command again.`,
  );
}

function hashRuntime() {
  return hashInputs({
    files: SOURCES.map((name) => inRepo(`tools/node-runtime/${name}`)),
    words: [process.platform, process.arch],
  });
}

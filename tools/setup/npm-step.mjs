/** Step 2: the npm packages of the workspace, exactly as package-lock.json has them, without install scripts. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { inRepo, isThere, nodeModulesDir, repoRoot } from './paths.mjs';
import { runNpm } from './npm.mjs';
import { hashInputs, isStamped, removeStamp, writeStamp } from './stamp.mjs';

const stampFile = path.join(nodeModulesDir, '.quantbot-setup');

/** @type {import('./setup.mjs').Step} */
export const npmStep = {
  title: 'npm packages',
  isDone: () => isStamped(stampFile, hashWorkspace()) && listMissingPackages(repoRoot).length === 0,
  async run(lock) {
    removeStamp(stampFile);
    // Named one by one because NODE_ENV=production or a user's npmrc would leave them out.
    await runNpm(['ci', '--ignore-scripts', '--include=dev', '--include=optional'], repoRoot, lock);
    writeStamp(stampFile, hashWorkspace());
  },
};

/** Locked packages whose folder is gone; packages for other platforms do not count. @param {string} root */
function listMissingPackages(root) {
  /** @type {{ packages: Record<string, { optional?: boolean, devOptional?: boolean, link?: boolean }> }} */
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages)
    .filter(([folder, entry]) => folder.includes('node_modules/') && entry.optional !== true && entry.devOptional !== true)
    .map(([folder]) => folder)
    .filter((folder) => !isThere(path.join(root, folder, 'package.json')));
}

function hashWorkspace() {
  const rooms = ['packages', 'apps'].flatMap((room) => readdirSync(inRepo(room)).map((name) => inRepo(`${room}/${name}/package.json`)));
  return hashInputs({
    files: [inRepo('package.json'), inRepo('package-lock.json'), ...rooms],
    words: [process.platform, process.arch],
  });
}

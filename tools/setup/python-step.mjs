/**
 * Step 3: the Python environment in .venv, from locks that name every wheel by its hash.
 * A run needs the first lock only; tests and checks add the second.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheDir, engineSrc, inRepo, isThere, repoRoot, venvDir, venvPython } from './paths.mjs';
import { PrerequisiteError } from './prerequisite.mjs';
import { CommandFailed, runQuietly } from './process.mjs';
import { findPython } from './python-discovery.mjs';
import { hashInputs, isStamped, removeStamp, writeStamp } from './stamp.mjs';

const RUN_LOCK = inRepo('engine/requirements.lock');
const DEV_LOCK = inRepo('engine/requirements-dev.lock');
const runStamp = path.join(venvDir, '.quantbot-setup');
const devStamp = path.join(venvDir, '.quantbot-setup-dev');
/** Lies outside .venv: says that an installation was begun, and if it is still there, that it was never ended. */
const begunMark = path.join(cacheDir, 'python-begun');

const UNREACHABLE =
  /NewConnectionError|ConnectTimeoutError|ReadTimeoutError|NameResolutionError|from versions: none|Temporary failure in name resolution|ProxyError/;

// A user's settings for other environments must not leak into this one; the index and the proxy stay theirs.
const CLEAN_ENV = { PYTHONPATH: undefined, PYTHONHOME: undefined, PIP_TARGET: undefined, PIP_PREFIX: undefined, PYTHONNOUSERSITE: '1' };

/** @type {import('./setup.mjs').Step} */
export const pythonStep = {
  title: 'Python environment in .venv',
  isDone: () => isThere(venvPython) && !isThere(begunMark) && isStamped(runStamp, hashInputs({ files: [RUN_LOCK] })),
  async check() {
    if (!isAdoptable()) await findPython(process.env);
  },
  async run(lock) {
    if (isAdoptable()) writeStamp(begunMark, 'begun');
    else await createEnvironment(lock);
    await installLocked(RUN_LOCK, lock);
    linkEngine();
    writeStamp(runStamp, hashInputs({ files: [RUN_LOCK] }));
    removeStamp(begunMark);
  },
};

/** @type {import('./setup.mjs').Step} */
export const pythonDevStep = {
  title: 'Python packages for tests and checks',
  isDone: () => isThere(venvPython) && isStamped(devStamp, hashInputs({ files: [RUN_LOCK, DEV_LOCK] })),
  async run(lock) {
    removeStamp(devStamp);
    writeStamp(begunMark, 'begun');
    await installLocked(DEV_LOCK, lock);
    writeStamp(devStamp, hashInputs({ files: [RUN_LOCK, DEV_LOCK] }));
    removeStamp(begunMark);
  },
};

/**
 * An environment that somebody else has made is taken as it is. One that was begun and not ended, or made from another
 * lock, starts afresh: no half-written package stays, and none that the lock no longer has.
 */
function isAdoptable() {
  return isThere(venvPython) && !isThere(begunMark) && !isThere(runStamp);
}

/** @param {import('./lock.mjs').HeldLock} lock */
async function createEnvironment(lock) {
  writeStamp(begunMark, 'begun');
  rmSync(venvDir, { recursive: true, force: true, maxRetries: 3 });
  const python = await findPython(process.env);
  const ended = await runQuietly(python.command, [...python.first, '-m', 'venv', venvDir], { env: CLEAN_ENV, onStart: lock.addChild });
  if (ended.code !== 0) throw new CommandFailed(`${python.command} -m venv`, ended);
}

/** @param {string} lockFile @param {import('./lock.mjs').HeldLock} lock */
async function installLocked(lockFile, lock) {
  const args = ['-m', 'pip', 'install', '--require-hashes', '--only-binary=:all:', '--no-deps', '--no-user', '--no-input'];
  const ended = await runQuietly(venvPython, [...args, '--disable-pip-version-check', '-r', lockFile], {
    cwd: repoRoot,
    env: CLEAN_ENV,
    onStart: lock.addChild,
  });
  if (ended.code === 0) return;
  if (UNREACHABLE.test(ended.output)) {
    throw new PrerequisiteError(
      'pip could not reach the Python package index, or the index lacks a package. Check the network, or the proxy and index settings of pip, ' +
        `and run the same command again.\n${ended.output.trim().split('\n').slice(-4).join('\n')}`,
    );
  }
  throw new CommandFailed('pip install', ended);
}

/** Makes `python -m quantbot_engine` work in .venv. A path relative to the environment survives moving the clone. */
function linkEngine() {
  const sitePackages = findSitePackages();
  writeFileSync(path.join(sitePackages, 'quantbot_engine.pth'), `${path.relative(sitePackages, engineSrc)}\n`);
}

function findSitePackages() {
  if (process.platform === 'win32') return path.join(venvDir, 'Lib', 'site-packages');
  const lib = path.join(venvDir, 'lib');
  const version = readdirSync(lib).find((name) => name.startsWith('python3.')) ?? 'python3';
  return path.join(lib, version, 'site-packages');
}

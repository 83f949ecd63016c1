/** Finds a Python that can run the engine, and says what is wrong with those that cannot. */
import { runQuietly } from './process.mjs';
import { PrerequisiteError } from './prerequisite.mjs';

const OLDEST = [3, 11];
const TOO_NEW = [3, 14];

/** @typedef {{ command: string, first: readonly string[], version: string, hasVenv: boolean }} Python */
/** @typedef {{ candidate: string, python?: Python, version?: string, problem?: string }} Probe */

// Runs on any Python, so that an old one can be named with its version.
const PROBE = [
  'import sys, json',
  'v = True',
  'try:',
  '    import venv, ensurepip',
  'except ImportError:',
  '    v = False',
  'print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "bits": 64 if sys.maxsize > 2**32 else 32, "venv": v}))',
].join('\n');

/**
 * The first Python that fits. Throws PrerequisiteError that names every one that was found and what it lacks.
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<Python>}
 */
export async function findPython(env) {
  /** @type {Probe[]} */
  const probes = [];
  for (const candidate of listCandidates(env, process.platform)) {
    const probe = await probePython(candidate);
    if (probe.python?.hasVenv === true) return probe.python;
    probes.push(probe);
  }
  throw new PrerequisiteError(explain(probes, env['QUANTBOT_PYTHON'], process.platform));
}

/** @param {Record<string, string | undefined>} env @param {string} platform @returns {readonly string[]} */
export function listCandidates(env, platform) {
  const named = env['QUANTBOT_PYTHON'];
  if (named !== undefined && named !== '') return [named];
  const launcher = platform === 'win32' ? ['py -3.13', 'py -3.12', 'py -3.11'] : [];
  return [...launcher, 'python3.13', 'python3.12', 'python3.11', 'python3', 'python'];
}

/** @param {string} candidate @returns {Promise<Probe>} */
async function probePython(candidate) {
  const [command = candidate, ...first] = candidate.startsWith('py ') ? candidate.split(' ') : [candidate];
  const { code, output } = await runQuietly(command, [...first, '-c', PROBE]);
  // A name that is not there, and a version manager's stub for a version that is not installed.
  if (code !== 0) return { candidate };
  const found = parseProbe(output);
  if (found === undefined) return { candidate };
  const problem = findProblem(found);
  if (problem !== undefined) return { candidate, version: found.version, problem };
  const python = { command, first, version: found.version, hasVenv: found.venv };
  return { candidate, python, version: found.version, problem: 'has no venv and ensurepip modules' };
}

/** @param {string} output @returns {{ version: string, bits: number, venv: boolean } | undefined} */
function parseProbe(output) {
  try {
    return JSON.parse(output.trim().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}

/** @param {{ version: string, bits: number }} found */
function findProblem({ version, bits }) {
  if (isBefore(version, OLDEST)) return `is older than ${OLDEST.join('.')}`;
  if (!isBefore(version, TOO_NEW)) return `is ${TOO_NEW.join('.')} or newer, for which the locked packages have no wheels`;
  return bits === 64 ? undefined : 'is a 32-bit Python';
}

/** @param {string} version @param {readonly number[]} limit */
function isBefore(version, limit) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [limitMajor = 0, limitMinor = 0] = limit;
  return major !== limitMajor ? major < limitMajor : minor < limitMinor;
}

/** @param {readonly Probe[]} probes @param {string | undefined} named @param {string} platform */
function explain(probes, named, platform) {
  const seen = probes.filter((probe) => probe.version !== undefined);
  const found = seen.map(({ candidate, version, problem }) => `  ${candidate} is Python ${version} and ${problem}`);
  const lines = ['quantbot computes in Python 3.11, 3.12 or 3.13, and no usable one was found.'];
  if (named !== undefined && named !== '')
    lines.push(`QUANTBOT_PYTHON asks for ${named}${seen.length === 0 ? ', which does not run' : ''}.`);
  lines.push(
    ...(found.length === 0 ? [`Looked for: ${probes.map(({ candidate }) => candidate).join(', ')}.`] : ['Found:', ...new Set(found)]),
  );
  const withoutVenv = probes.find(({ python }) => python !== undefined)?.python;
  lines.push(withoutVenv === undefined ? adviseInstall(platform) : adviseVenv(withoutVenv));
  lines.push('Then run the same command again. QUANTBOT_PYTHON=/path/to/python chooses one that lies elsewhere.');
  return lines.join('\n');
}

/** @param {string} platform */
function adviseInstall(platform) {
  if (platform === 'darwin') return 'On macOS, for example: brew install python@3.13';
  if (platform === 'win32') return 'On Windows, for example: winget install Python.Python.3.13';
  return 'On Debian or Ubuntu: sudo apt-get install python3 python3-venv   On Fedora: sudo dnf install python3.13';
}

/** @param {Python} python */
function adviseVenv({ version }) {
  const minor = version.split('.').slice(0, 2).join('.');
  return `On Debian and Ubuntu they are a package of their own: sudo apt-get install python${minor}-venv`;
}

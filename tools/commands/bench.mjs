/**
 * `npm run bench [-- --quick | --only NAME | ...]`: the benchmark suite of engine/benchmarks (docs/performance.md), then those of
 * the whole command and of studies (apps/cli/bench). That of the server is `npm run bench:server`, with flags of its own.
 * vectorbt, one of the peers, lies in an environment of its own with the engine's versions of NumPy and Numba; without
 * it the suite runs all the same and says so.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { findNode } from '../setup/node-step.mjs';
import { cacheDir, engineDir, engineSrc, inRepo, isThere, repoRoot, venvPython } from '../setup/paths.mjs';
import { runQuietly, runVisibly } from '../setup/process.mjs';
import { findPython } from '../setup/python-discovery.mjs';
import { runSetup } from '../setup/setup.mjs';
import { hashInputs, isStamped, writeStamp } from '../setup/stamp.mjs';

const BENCH_LOCK = inRepo('engine/requirements-bench.lock');
const benchDir = inRepo('.venv-bench');
const benchPython = process.platform === 'win32' ? path.join(benchDir, 'Scripts', 'python.exe') : path.join(benchDir, 'bin', 'python');
const stampFile = path.join(benchDir, '.quantbot-setup');
const OWN_ENV = { PYTHONHOME: undefined, PIP_TARGET: undefined, PIP_PREFIX: undefined, PYTHONNOUSERSITE: '1' };

/** Scripts of apps/cli/bench; alone with `--only NAME`. */
const HOST_BENCHMARKS = ['end-to-end', 'studies'];
/** Wants the machine for itself, and some minutes: only when it is asked for. */
const SERVER_BENCHMARK = 'server';

/** @param {readonly string[]} args @returns {Promise<number>} */
export async function runBench(args) {
  await runSetup({ dev: false });
  const only = args.flatMap((arg, index) => (arg === '--only' ? [args[index + 1]] : []));
  if (only.includes(SERVER_BENCHMARK)) return runHostBenchmark(SERVER_BENCHMARK, withoutOnly(args));
  const isHostOnly = only.length > 0 && only.every((name) => HOST_BENCHMARKS.includes(name ?? ''));
  const engine = isHostOnly ? 0 : await runEngineBench(args);
  if (args.includes('--help')) return engine;
  const codes = [engine];
  for (const name of HOST_BENCHMARKS.filter((one) => only.length === 0 || only.includes(one))) {
    codes.push(await runHostBenchmark(name, args.includes('--quick') ? ['--quick'] : []));
  }
  return codes.find((code) => code !== 0) ?? 0;
}

/** @param {string} name @param {readonly string[]} args @returns {Promise<number>} */
function runHostBenchmark(name, args) {
  return runVisibly(findNode(), [inRepo(`apps/cli/bench/${name}.ts`), ...args], { cwd: repoRoot });
}

/** @param {readonly string[]} args */
function withoutOnly(args) {
  return args.filter((arg, index) => arg !== '--only' && args[index - 1] !== '--only');
}

/** @param {readonly string[]} args @returns {Promise<number>} */
async function runEngineBench(args) {
  const python = args.includes('--no-vectorbt') || args.includes('--help') ? venvPython : await findBenchPython();
  const env = { ...OWN_ENV, PYTHONPATH: [engineSrc, engineDir].join(path.delimiter), QUANTBOT_CACHE_DIR: cacheDir };
  // From the repository's root, so that a path after --json means what the user sees.
  return runVisibly(python, ['-m', 'benchmarks', ...args], { cwd: repoRoot, env });
}

/** The Python with vectorbt; the engine's own when it cannot be had. */
async function findBenchPython() {
  const hash = hashInputs({ files: [BENCH_LOCK] });
  if (isThere(benchPython) && isStamped(stampFile, hash)) return benchPython;
  process.stderr.write('set-up  vectorbt in .venv-bench (used by the benchmark only; about 900 MB) ... ');
  rmSync(benchDir, { recursive: true, force: true });
  const failure = await install();
  if (failure === '') {
    writeStamp(stampFile, hash);
    process.stderr.write('done\n');
    return benchPython;
  }
  process.stderr.write(`failed, going on without it:\n${failure}\n`);
  return venvPython;
}

/** Makes the environment; the last lines of what went wrong, or nothing. */
async function install() {
  const python = await findPython(process.env);
  const pip = ['-m', 'pip', 'install', '--require-hashes', '--only-binary=:all:', '--no-deps', '--no-user', '--no-input'];
  const env = { ...OWN_ENV, PYTHONPATH: undefined };
  const made = await runQuietly(python.command, [...python.first, '-m', 'venv', benchDir], { env });
  if (made.code !== 0) return toLastLines(made.output);
  const installed = await runQuietly(benchPython, [...pip, '--disable-pip-version-check', '-r', BENCH_LOCK], { cwd: repoRoot, env });
  return installed.code === 0 ? '' : toLastLines(installed.output);
}

/** @param {string} output */
function toLastLines(output) {
  return output.trim().split('\n').slice(-4).join('\n');
}

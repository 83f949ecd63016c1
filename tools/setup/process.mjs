/** Starts other programs: quietly with their output kept for the case of failure, or visibly in this terminal. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @typedef {{ cwd?: string, env?: Record<string, string | undefined>, onStart?: (pid: number) => void }} StartOptions */
/** @typedef {{ code: number, output: string }} Ended */

/** Output beyond this is cut at the front: the end of a log is where the failure is. */
const KEPT_CHARACTERS = 200_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** Ends what runQuietly has running. @param {NodeJS.Signals} signal */
export function endRunning(signal) {
  for (const child of running) child.kill(signal);
}

/** A program that set-up started has failed; `output` is all that it said. */
export class CommandFailed extends Error {
  /** @override */
  name = 'CommandFailed';

  /** @param {string} title @param {Ended} ended */
  constructor(title, ended) {
    super(`${title} failed with exit code ${ended.code}`);
    this.output = ended.output;
  }
}

/**
 * Runs a program with its output kept. A program that cannot be started ends with code 127.
 * @param {string} command @param {readonly string[]} args @param {StartOptions} [options]
 * @returns {Promise<Ended>}
 */
export function runQuietly(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...toSpawnOptions(options), stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      output = (output + chunk.toString()).slice(-KEPT_CHARACTERS);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    if (child.pid !== undefined) options.onStart?.(child.pid);
    child.once('error', (error) => {
      running.delete(child);
      resolve({ code: 127, output: error.message });
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code: toExitCode(code, signal), output });
    });
  });
}

/**
 * Runs a program in this terminal, passes signals on to it, and gives its exit code.
 * @param {string} command @param {readonly string[]} args @param {StartOptions} [options]
 * @returns {Promise<number>}
 */
export function runVisibly(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...toSpawnOptions(options), stdio: 'inherit' });
    const stopRelaying = relaySignals(child);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      stopRelaying();
      resolve(toExitCode(code, signal));
    });
  });
}

/**
 * While a child runs in this terminal, signals are for the child. A terminal sends Ctrl-C to the child itself;
 * sent a second time by us it would count as the impatient second Ctrl-C.
 * @param {import('node:child_process').ChildProcess} child
 */
export function relaySignals(child) {
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  /** @param {NodeJS.Signals} signal */
  const relay = (signal) => {
    if (signal !== 'SIGINT' || !hasTerminal) child.kill(signal);
  };
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, relay);
  return () => {
    for (const signal of signals) process.off(signal, relay);
  };
}

/** The shell's convention: 128 plus the number of the signal. @param {number | null} code @param {NodeJS.Signals | null} signal */
export function toExitCode(code, signal) {
  if (code !== null) return code;
  return signal === null ? 1 : 128 + constants.signals[signal];
}

/** @param {StartOptions} options */
function toSpawnOptions({ cwd, env }) {
  return { ...(cwd === undefined ? {} : { cwd }), env: { ...process.env, ...env } };
}

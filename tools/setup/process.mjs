/** Starts other programs: quietly with their output kept for the case of failure, or visibly in this terminal. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @typedef {{ cwd?: string, env?: Record<string, string | undefined>, onStart?: (pid: number) => void }} StartOptions */
/** @typedef {{ code: number, output: string }} Ended */

/** Output beyond this is cut at the front: the end of a log is where the failure is. */
const KEPT_CHARACTERS = 200_000;

/** Leaders of the process groups that runQuietly has started. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
/** How many programs have the terminal now; signals are theirs. */
let visible = 0;

const isWindows = process.platform === 'win32';
/** @type {readonly NodeJS.Signals[]} */
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Makes Ctrl-C and its kin end everything that runs quietly, with all its descendants, and then this process.
 * A lock that is held stays on purpose: it is void as soon as the descendants are gone too.
 */
export function leaveOnSignals() {
  for (const signal of ENDING_SIGNALS) {
    process.on(signal, () => {
      if (visible > 0) return;
      for (const child of running) endGroup(child, signal);
      process.stderr.write('interrupted; the same command goes on where it stopped\n');
      process.exit(toExitCode(null, signal));
    });
  }
}

/** @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} signal */
function endGroup(child, signal) {
  try {
    if (isWindows || child.pid === undefined) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
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
 * It leads a process group of its own, because pip and npm start further programs that must end with them.
 * @param {string} command @param {readonly string[]} args @param {StartOptions} [options]
 * @returns {Promise<Ended>}
 */
export function runQuietly(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...toSpawnOptions(options), stdio: ['ignore', 'pipe', 'pipe'], detached: !isWindows });
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
    child.once('error', (error) => {
      stopRelaying();
      reject(error);
    });
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
  visible += 1;
  for (const signal of ENDING_SIGNALS) process.on(signal, relay);
  return () => {
    visible -= 1;
    for (const signal of ENDING_SIGNALS) process.off(signal, relay);
  };
}

/** The shell's convention: 128 plus the number of the signal. @param {number | null} code @param {NodeJS.Signals | null} signal */
function toExitCode(code, signal) {
  if (code !== null) return code;
  return signal === null ? 1 : 128 + constants.signals[signal];
}

/** @param {StartOptions} options */
function toSpawnOptions({ cwd, env }) {
  return { ...(cwd === undefined ? {} : { cwd }), env: { ...process.env, ...env } };
}

/** Ctrl-C: each one asks more firmly, the last one ends the process at once. */
import { EXIT_CODES } from '@quantbot/core';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** 130 after Ctrl-C, 143 after SIGTERM, undefined while nobody interrupted. */
  exitCode(): number | undefined;
  stop(): void;
}

export interface PatientInterrupt {
  /** After the first: begin nothing new, finish what is under way. */
  readonly drain: AbortSignal;
  /** After the second: stop at once. */
  readonly abort: AbortSignal;
  exitCode(): number | undefined;
  stop(): void;
}

/** Signals are sent to the process, whoever watches: the last one, for errors that it led to. */
let receivedCode: number | undefined;

/** 130 or 143 after a signal that some watch took, undefined before. */
export function findInterruptExitCode(): number | undefined {
  return receivedCode;
}

/** A signal to a whole process group arrives twice, once through the launcher: that is one Ctrl-C. */
const SAME_SIGNAL_MS = 300;

/** The first one cancels the work and lets it clean up, the second one ends the process. */
export function watchInterrupts(): Interrupt {
  const controller = new AbortController();
  return { signal: controller.signal, ...watch([controller]) };
}

/** The first one drains, the second one cancels, the third one ends the process. */
export function watchInterruptsPatiently(onDrain: () => void): PatientInterrupt {
  const [drain, abort] = [new AbortController(), new AbortController()];
  drain.signal.addEventListener('abort', onDrain, { once: true });
  return { drain: drain.signal, abort: abort.signal, ...watch([drain, abort]) };
}

function watch(steps: readonly AbortController[]): Pick<Interrupt, 'exitCode' | 'stop'> {
  let code: number | undefined;
  let lastMs = -Infinity;
  let taken = 0;
  const handle = (exitCode: number) => () => {
    if (performance.now() - lastMs <= SAME_SIGNAL_MS) return;
    lastMs = performance.now();
    code ??= exitCode;
    receivedCode = code;
    const step = steps[taken];
    taken += 1;
    if (step === undefined) process.exit(code);
    step.abort();
  };
  const onInterrupt = handle(EXIT_CODES.interrupted);
  const onTerminate = handle(EXIT_CODES.terminated);
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    exitCode: () => code,
    stop() {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}

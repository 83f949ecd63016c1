/** Ctrl-C: the first one cancels the work and lets it clean up, the second one ends the process at once. */
import { EXIT_CODES } from '@quantbot/core';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** 130 after Ctrl-C, 143 after SIGTERM, undefined while nobody interrupted. */
  exitCode(): number | undefined;
  stop(): void;
}

/** A signal to a whole process group arrives twice, once through the launcher: that is one Ctrl-C. */
const SAME_SIGNAL_MS = 300;

export function watchInterrupts(): Interrupt {
  const controller = new AbortController();
  let code: number | undefined;
  let firstMs = 0;
  const handle = (exitCode: number) => () => {
    if (code !== undefined) {
      if (performance.now() - firstMs > SAME_SIGNAL_MS) process.exit(code);
      return;
    }
    firstMs = performance.now();
    code = exitCode;
    controller.abort();
  };
  const onInterrupt = handle(EXIT_CODES.interrupted);
  const onTerminate = handle(EXIT_CODES.terminated);
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    exitCode: () => code,
    stop() {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}

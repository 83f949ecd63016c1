/** Ctrl-C: the first one cancels the work and lets it clean up, the second one ends the process at once. */
import { EXIT_CODES } from '@quantbot/core';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** 130 after Ctrl-C, 143 after SIGTERM, undefined while nobody interrupted. */
  exitCode(): number | undefined;
  stop(): void;
}

export function watchInterrupts(): Interrupt {
  const controller = new AbortController();
  let code: number | undefined;
  const handle = (exitCode: number) => () => {
    if (code !== undefined) process.exit(code);
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

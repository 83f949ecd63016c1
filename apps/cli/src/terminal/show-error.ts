/** The one place where an error becomes text on stderr and an exit code. */
import { AppError, EXIT_CODES } from '@quantbot/core';

export interface ErrorView {
  readonly text: string;
  readonly exitCode: number;
}

/** AppErrors are explained; anything else is a bug of quantbot and keeps its stack. */
export function toErrorView(error: unknown, isVerbose: boolean): ErrorView {
  if (!(error instanceof AppError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { text: `error INTERNAL: this is a bug in quantbot\n${text}`, exitCode: EXIT_CODES.internal };
  }
  const traceback = typeof error.details['traceback'] === 'string' ? `\n${error.details['traceback'].trimEnd()}` : '';
  const showsMore = isVerbose || error.code === 'ENGINE_BUG';
  return { text: `error ${error.code}: ${error.message}${showsMore ? traceback : ''}`, exitCode: error.exitCode };
}

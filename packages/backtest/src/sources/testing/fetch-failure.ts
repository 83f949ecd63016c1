/** For tests: collects what a source gives, and the error it ends in. */
import { AppError, type CandleRequest, type CandleSource, type SourceCandle } from '@quantbot/core';

const NEVER = new AbortController().signal;

export async function collectPages(source: CandleSource, request: CandleRequest, signal = NEVER): Promise<(readonly SourceCandle[])[]> {
  const pages: (readonly SourceCandle[])[] = [];
  for await (const page of source.readPages(request, signal)) pages.push(page);
  return pages;
}

/** The AppError that the action ends in. */
export async function failureOf(action: Promise<unknown>): Promise<AppError> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AppError) return error;
  throw new Error(`expected an AppError, found ${String(error)}`);
}

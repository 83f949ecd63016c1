/** One call over HTTP: sent, limited in time, tried again where that is safe, and its answer checked. */
import { AppError, type RouteContract } from '@quantbot/core';
import { readAnswer, type Outcome, type Refusal } from './answer.ts';
import { toBackoffMs, toCancelled, wait } from './backoff.ts';
import type { AnyCall, AnswerOf } from './call.ts';
import type { Link } from './link.ts';
import { toRequest, type HttpRequest } from './request.ts';

/** Somebody who asks for more patience than this is told to the caller. */
const LONGEST_RETRY_AFTER_MS = 30_000;

/** Rejects with an AppError: the server's own, SERVER_UNREACHABLE, or CANCELLED. */
export async function exchange<Contract extends RouteContract>(
  link: Link,
  contract: Contract,
  call: AnyCall = {},
): Promise<AnswerOf<Contract>> {
  const request = toRequest(link, contract, call);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(link, request, { contract, call });
    if ('value' in outcome) return outcome.value as AnswerOf<Contract>;
    const waitMs = attempt > link.retries ? undefined : toWaitMs(outcome, contract, attempt);
    if (waitMs === undefined) throw outcome.error;
    await wait(waitMs, call.signal);
  }
}

/** undefined: trying again would not help, or might do the same thing twice. */
function toWaitMs({ retry, retryAfterMs }: Refusal, { method }: RouteContract, attempt: number): number | undefined {
  if (retry === 'never' || (retry === 'reads' && method !== 'GET')) return undefined;
  if (retryAfterMs === undefined) return toBackoffMs(attempt);
  return retryAfterMs > LONGEST_RETRY_AFTER_MS ? undefined : Math.max(retryAfterMs, toBackoffMs(attempt));
}

async function attemptOnce(
  link: Link,
  request: HttpRequest,
  { contract, call }: { readonly contract: RouteContract; readonly call: AnyCall },
): Promise<Outcome> {
  const { url, method, headers, body } = request;
  const timeoutMs = call.timeoutMs ?? link.timeoutMs;
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]);
  try {
    // A redirect is not followed: a quantbot server sends none, and a key is meant for one server only.
    const response = await link.fetch(url, { method, headers, signal, redirect: 'manual', ...(body !== undefined && { body }) });
    return await readAnswer(contract, response);
  } catch (cause) {
    if (call.signal?.aborted === true) throw toCancelled(cause);
    const why = limit.aborted ? `did not answer within ${timeoutMs / 1000} s` : `cannot be reached: ${toReason(cause)}`;
    const error = new AppError('SERVER_UNREACHABLE', `the server at ${link.base} ${why}`, { cause });
    return { error, retry: 'reads' };
  }
}

/** fetch says no more than "fetch failed"; the reason is below. */
function toReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
}

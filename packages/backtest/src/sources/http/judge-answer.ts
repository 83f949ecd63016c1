/** What an answer that is no success means: worth another try, and if not, which error it is. */
import { AppError, type ErrorCode } from '@quantbot/core';
import type { HttpAnswer } from './request-json.ts';

export type FailedAnswer = Extract<HttpAnswer, { kind: 'refused' | 'unreadable' }>;

const PASSING_STATUS = new Set([408, 425, 429]);
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A server that asks for a longer pause is told to the user instead of waited for. */
const LONGEST_WAIT_MS = 5 * 60_000;

export function isFailed(answer: HttpAnswer): answer is FailedAnswer {
  return answer.kind === 'refused' || answer.kind === 'unreadable';
}

export function isWorthAnotherTry(answer: FailedAnswer): boolean {
  if (answer.kind === 'unreadable') return !answer.isFinal;
  return PASSING_STATUS.has(answer.status) || answer.status >= 500;
}

/**
 * The pause before the next try: doubling, and never shorter than what the server asks for. `attempt` counts from 1.
 * RATE_LIMITED when the server asks for more than five minutes.
 */
export function toPauseMs(answer: FailedAnswer, attempt: number, place: string): number {
  const backoffMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  const askedMs = answer.kind === 'refused' ? (answer.retryAfterMs ?? 0) : 0;
  if (askedMs > LONGEST_WAIT_MS)
    throw new AppError('RATE_LIMITED', `${place} asks to come back in ${String(Math.ceil(askedMs / 60_000))} minutes`);
  return Math.max(backoffMs, askedMs);
}

/** `place` names the server without keys and passwords; `attempts`: how often it was asked. */
export function toSourceError(answer: FailedAnswer, place: string, attempts: number): AppError {
  const tries = attempts > 1 ? ` (tried ${String(attempts)} times)` : '';
  if (answer.kind === 'unreadable') {
    return new AppError(
      'SOURCE_UNREACHABLE',
      `no usable answer from ${place}${tries}: ${answer.message}. Check the address and that the server runs`,
    );
  }
  const said = answer.message === '' ? '' : `, "${answer.message}"`;
  const { code, advice } = toMeaning(answer.status);
  return new AppError(code, `${place} answered ${String(answer.status)}${said}${tries}. ${advice}`, { details: { status: answer.status } });
}

function toMeaning(status: number): { code: ErrorCode; advice: string } {
  if (status === 401) return { code: 'UNAUTHENTICATED', advice: 'Name the environment variable that holds the key with --auth-env' };
  if (status === 403) return { code: 'FORBIDDEN', advice: 'The key does not allow this, or the server wants one: --auth-env' };
  if (status === 404 || status === 410) return { code: 'NOT_FOUND', advice: 'Check the address, the symbol and the timeframe' };
  if (status === 429) return { code: 'RATE_LIMITED', advice: 'Ask more slowly, or again later' };
  if (status >= 400 && status < 500 && status !== 408) return { code: 'INVALID_REQUEST', advice: 'Nothing of this answer was kept' };
  return { code: 'SOURCE_UNREACHABLE', advice: 'Try again later' };
}

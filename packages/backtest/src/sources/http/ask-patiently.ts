/** Asks until there is an answer worth having: what passes is tried again after a pause, what does not is an error at once. */
import type { Clock } from './clock.ts';
import { isFailed, isWorthAnotherTry, toPauseMs, toSourceError, type FailedAnswer } from './judge-answer.ts';
import { requestJson, type HttpAnswer, type HttpLimits } from './request-json.ts';

export interface HttpRules extends HttpLimits {
  readonly clock: Clock;
  /** How often one request is tried. */
  readonly attempts: number;
  /** Value of the Authorization header. */
  readonly authorization?: string;
  /** Names the server in messages, without keys and passwords. */
  readonly place: string;
}

interface Question {
  readonly url: URL;
  readonly signal: AbortSignal;
  readonly etag?: string;
}

/** Error codes: see `toSourceError`; CANCELLED when the signal comes. */
export async function askPatiently(rules: HttpRules, question: Question): Promise<Exclude<HttpAnswer, FailedAnswer>> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await requestJson({ ...rules, ...question, nowMs: rules.clock.nowMs() });
    if (!isFailed(answer)) return answer;
    if (!isWorthAnotherTry(answer) || attempt >= rules.attempts) throw toSourceError(answer, rules.place, attempt);
    await rules.clock.wait(toPauseMs(answer, attempt, rules.place), question.signal);
  }
}

/**
 * Asks many questions at a given pace: a batch of so many at once, the next batch no sooner than the pace allows. What failed and may
 * pass goes into a later batch, so that tries never come faster than first questions.
 */
import { requireGoingOn, type Clock } from '../sources/http/clock.ts';
import { isFailed, isWorthAnotherTry, toPauseMs, toSourceError } from '../sources/http/judge-answer.ts';
import { requestJson, type HttpAnswer, type HttpLimits } from '../sources/http/request-json.ts';

export interface Question {
  readonly url: URL;
  /** Takes the answer; what it returns is asked next, before all that waits. */
  readonly take: (body: unknown) => Question | undefined;
}

export interface BatchRules extends HttpLimits {
  readonly clock: Clock;
  /** Questions in one batch, all at once. */
  readonly parallel: number;
  /** From the beginning of one batch to the beginning of the next. */
  readonly batchEveryMs: number;
  /** How often one question is tried. */
  readonly attempts: number;
  readonly authorization?: string;
  /** Names the service in messages. */
  readonly place: string;
  readonly signal: AbortSignal;
  /** After each batch, also after one that ends the work. */
  readonly onBatch: () => Promise<void>;
}

interface Waiting {
  readonly question: Question;
  /** How often it was tried. */
  readonly tries: number;
  readonly notBeforeMs: number;
}

/** The first question that fails for good ends the work after its batch; CANCELLED when the signal comes. */
export async function askInBatches(rules: BatchRules, questions: readonly Question[]): Promise<void> {
  let waiting: readonly Waiting[] = questions.map((question) => ({ question, tries: 0, notBeforeMs: 0 }));
  while (waiting.length > 0) {
    requireGoingOn(rules.signal);
    const startedMs = rules.clock.nowMs();
    const batch = waiting.filter(({ notBeforeMs }) => notBeforeMs <= startedMs).slice(0, rules.parallel);
    const rest = waiting.filter((entry) => !batch.includes(entry));
    if (batch.length > 0) waiting = [...(await askBatch(rules, batch)), ...rest];
    if (waiting.length === 0) return;
    const soonestMs = Math.min(...waiting.map(({ notBeforeMs }) => notBeforeMs));
    const nextMs = Math.max(batch.length > 0 ? startedMs + rules.batchEveryMs : 0, soonestMs);
    await rules.clock.wait(Math.max(0, nextMs - rules.clock.nowMs()), rules.signal);
  }
}

/** What is to be asked after it: the follow-ups, and what is to be tried again. */
async function askBatch(rules: BatchRules, batch: readonly Waiting[]): Promise<Waiting[]> {
  const settled = await Promise.allSettled(batch.map((entry) => askOne(rules, entry)));
  await rules.onBatch();
  const failures = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (failures.length > 0) throw failures[0];
  return settled.flatMap((result) => (result.status === 'fulfilled' && result.value !== undefined ? [result.value] : []));
}

async function askOne(rules: BatchRules, { question, tries }: Waiting): Promise<Waiting | undefined> {
  const answer = await requestJson({ ...rules, url: question.url, nowMs: rules.clock.nowMs() });
  if (answer.kind === 'body') {
    const next = question.take(answer.body);
    return next === undefined ? undefined : { question: next, tries: 0, notBeforeMs: 0 };
  }
  const failed: HttpAnswer = answer.kind === 'unchanged' ? { kind: 'refused', status: 304, message: '' } : answer;
  if (!isFailed(failed)) return undefined;
  if (!isWorthAnotherTry(failed) || tries + 1 >= rules.attempts) throw toSourceError(failed, rules.place, tries + 1);
  return { question, tries: tries + 1, notBeforeMs: rules.clock.nowMs() + toPauseMs(failed, tries + 1, rules.place) };
}

/** From the answer of a server to a checked value, or to the AppError that it stands for. */
import { AppError, ERROR_CODES, isRawContent, type ErrorCode, type RouteContract } from '@quantbot/core';
import { z } from 'zod';

/** A refusal and whether trying again can help: `never`, only for what changes nothing (`reads`), or `always`. */
export interface Refusal {
  readonly error: AppError;
  readonly retry: 'never' | 'reads' | 'always';
  /** What the server asked for. */
  readonly retryAfterMs?: number;
}

export type Outcome = { readonly value: unknown } | Refusal;

/** Looser than the contract: a newer server may know codes that are not known here. */
const ErrorAnswerSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).default({}),
    request_id: z.string().optional(),
  }),
});

const TOO_MANY = 429;
const PASSING: ReadonlySet<number> = new Set([502, 503, 504]);

/** Reads the body; rejects only if the connection breaks. */
export async function readAnswer(contract: RouteContract, response: Response): Promise<Outcome> {
  if (response.status !== contract.status) return toRefusal(response, await response.text());
  const { response: expected } = contract;
  if (expected === null || isRawContent(expected)) return { value: response };
  const checked = expected.safeParse(parseJson(await response.text()));
  if (checked.success) return { value: checked.data };
  const [issue] = checked.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
  return never(
    `${response.url}: the answer is not one that this version of quantbot understands${where}; is it a quantbot server, and of the same version?`,
  );
}

function never(message: string, details: Record<string, unknown> = {}): Refusal {
  return { error: new AppError('SERVER_UNREACHABLE', message, { details }), retry: 'never' };
}

function toRefusal(response: Response, text: string): Refusal {
  const { status, url } = response;
  const parsed = ErrorAnswerSchema.safeParse(parseJson(text));
  const retryAfterMs = readRetryAfter(response);
  const hint = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (!parsed.success) {
    const isPassing = PASSING.has(status);
    const what = isPassing ? 'the server or a proxy before it is not available' : 'expected an answer of a quantbot server';
    return { ...never(`${url}: ${what}, found HTTP status ${status}`, { http_status: status }), retry: isPassing ? 'reads' : 'never' };
  }
  const { code, message, details, request_id: requestId } = parsed.data.error;
  const all = { ...details, http_status: status, request_id: requestId ?? response.headers.get('x-request-id') };
  if (!isKnown(code)) return never(`the server answered ${code}, which this version of quantbot does not know: ${message}`, all);
  return { error: new AppError(code, message, { details: all }), retry: toRetry(status, code), ...hint };
}

/** A full queue does not empty in a moment, and so is the caller's to decide. */
function toRetry(status: number, code: ErrorCode): Refusal['retry'] {
  if (status === TOO_MANY) return code === 'QUEUE_FULL' ? 'never' : 'always';
  return PASSING.has(status) ? 'reads' : 'never';
}

function isKnown(code: string): code is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(code);
}

function readRetryAfter({ headers }: Response): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Holds an answer against the contract of its route: status, body, what must never be in it. */
import { API_ROUTES, ERROR_CATALOGUE, ErrorBodySchema, isRawContent, type RouteContract } from '@quantbot/core';
import type { WireRequest } from './fuzz-request.ts';
import type { WireAnswer } from './send.ts';

/** Status codes that the OpenAPI document names for each route id. */
export type Documented = ReadonlyMap<string, ReadonlySet<string>>;

export function readDocumented(openApi: Readonly<Record<string, unknown>>): Documented {
  const paths = openApi['paths'] as Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  return new Map(operations.map(({ operationId, responses }) => [operationId, new Set(Object.keys(responses))]));
}

const ROUTES = Object.values<RouteContract>(API_ROUTES).map((contract) => ({
  contract,
  pattern: new RegExp(`^${contract.path.replaceAll(/:[a-z_]+/g, '[^/]+')}$`),
}));

/** A static path wins over one with parameters, as in the server. */
function findContract({ method, target }: WireRequest): RouteContract | undefined {
  const [path = ''] = target.split(/[?#]/);
  const matching = ROUTES.filter(({ contract, pattern }) => contract.method === method && pattern.test(path));
  return (matching.find(({ contract }) => contract.path === path) ?? matching[0])?.contract;
}

/** What is wrong with the answer, in words; undefined if nothing is. */
export function findFault(request: WireRequest, answer: WireAnswer, documented: Documented): string | undefined {
  const contract = findContract(request);
  if (answer.status >= 500) return 'a failure of the server';
  if (answer.headers['x-request-id'] === undefined && answer.status !== 101) return 'no request id';
  if (/\bat \S+ \(?(?:file|node):|node_modules|Traceback|\/quantbot-served-test/.test(withoutDocuments(request, answer)))
    return 'the inside of the server';
  if (['HEAD', 'OPTIONS'].includes(request.method)) return undefined;
  if (contract !== undefined && answer.status === contract.status) return findBodyFault(contract, answer);
  if (contract === undefined && answer.status < 400) return findDocsFault(request);
  return findErrorFault(answer) ?? (contract === undefined ? undefined : findUndocumented(contract, answer, documented));
}

/** Reports and the API's own description may speak of anything. */
function withoutDocuments({ target }: WireRequest, { text, headers }: WireAnswer): string {
  const isDocument = /^\/(?:openapi\.json|docs|api\/reports\/)/.test(target);
  return `${JSON.stringify(headers)}${isDocument ? '' : text}`;
}

function findBodyFault({ response }: RouteContract, { text, headers }: WireAnswer): string | undefined {
  if (response === null) return undefined;
  const contentType = String(headers['content-type']);
  if (isRawContent(response))
    return response.contentType === '*/*' || contentType === response.contentType ? undefined : `the type ${contentType}`;
  if (!contentType.startsWith('application/json')) return `the type ${contentType}`;
  const parsed = response.safeParse(JSON.parse(text));
  return parsed.success ? undefined : `a body outside its schema: ${parsed.error.message}`;
}

function findDocsFault({ target }: WireRequest): string | undefined {
  return target.startsWith('/docs') ? undefined : 'a success without a contract';
}

function findErrorFault({ status, text }: WireAnswer): string | undefined {
  const parsed = ErrorBodySchema.strict().safeParse(toJson(text));
  if (!parsed.success) return `an error outside its schema: ${parsed.error.message}`;
  const { httpStatus } = ERROR_CATALOGUE[parsed.data.error.code];
  return httpStatus === status ? undefined : `the code ${parsed.data.error.code} with a status that is not ${httpStatus}`;
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function findUndocumented({ id }: RouteContract, { status }: WireAnswer, documented: Documented): string | undefined {
  return documented.get(id)?.has(String(status)) === true ? undefined : `a status that the description of ${id} does not name`;
}

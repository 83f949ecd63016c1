/** From a contract and a call to an address, headers and a body. */
import { AppError, type RouteContract } from '@quantbot/core';
import type { AnyCall } from './call.ts';
import type { Link } from './link.ts';

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FormData | undefined;
}

/** Throws INVALID_REQUEST for names that would make another address; everything else is the server's to check. */
export function toRequest(link: Link, contract: RouteContract, call: AnyCall): HttpRequest {
  const { body, file, query } = call;
  const headers: Record<string, string> = { accept: 'application/json, */*;q=0.5' };
  if (link.apiKey !== undefined) headers['authorization'] = `Bearer ${link.apiKey}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return {
    url: `${link.base}${toPath(contract, call.params ?? {})}${toQuery(query ?? {})}`,
    method: contract.method,
    headers,
    body: file === undefined ? (body === undefined ? undefined : JSON.stringify(body)) : toForm(file),
  };
}

function toPath({ id, path, params: schema }: RouteContract, params: Readonly<Record<string, unknown>>): string {
  const checked = schema?.safeParse(params);
  if (checked?.success === false) {
    const problems = checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new AppError('INVALID_REQUEST', `${id}: ${problems.join('; ')}`, { details: { problems } });
  }
  return path.replaceAll(/:(\w+)/g, (_match, name: string) => encodeURIComponent(String(params[name])));
}

function toQuery(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, toQueryText(value));
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
}

/** Lists have commas between; the contracts know nothing deeper. */
function toQueryText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(toQueryText).join(',') : JSON.stringify(value);
}

function toForm({ name, content }: NonNullable<AnyCall['file']>): FormData {
  const form = new FormData();
  form.append('file', content, name);
  return form;
}

/** A request before it is sent, and how it looks on the wire. */
export interface FuzzRequest {
  /** Id of the contract that it was made from. */
  readonly route: string;
  readonly method: string;
  /** With `:name` for parameters, as in the contract, unless the path itself was broken. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
  /** Appended to the query as it is. */
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: unknown;
  /** In place of `json`. */
  readonly raw: Buffer | undefined;
}

export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** Ids that the server gave out, by what they are ids of. */
export type Pools = Readonly<Record<PoolName, string[]>>;
export const POOL_NAMES = ['job', 'study', 'run', 'file'] as const;
export type PoolName = (typeof POOL_NAMES)[number];

const PLACEHOLDER = /^\$(job|study|run|file)(\d+)$/;

export function toWire(request: FuzzRequest, pools: Pools): WireRequest {
  const path = request.path.replaceAll(/:([a-z_]+)/g, (_, name: string) => encodeURIComponent(fill(request.params[name] ?? '', pools)));
  const query = [
    ...request.query.map(([name, value]) => `${encodeText(name)}=${encodeText(value)}`),
    ...(request.rawQuery === '' ? [] : [request.rawQuery]),
  ].join('&');
  const body = request.raw ?? (request.json === undefined ? undefined : Buffer.from(JSON.stringify(request.json)));
  return {
    method: request.method,
    target: query === '' ? path : `${path}?${query}`,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...request.headers },
    body,
  };
}

function fill(text: string, pools: Pools): string {
  const [, pool, index] = PLACEHOLDER.exec(text) ?? [];
  if (pool === undefined) return text.toWellFormed();
  const ids = pools[pool as PoolName];
  return ids[Number(index) % ids.length] ?? 'nothing';
}

/** Half a surrogate pair cannot be sent. */
function encodeText(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What to paste into a bug report. */
export function describeWire({ method, target, headers, body }: WireRequest): string {
  const text = body === undefined ? '' : ` ${JSON.stringify(body.subarray(0, 600).toString('utf8'))} (${body.length} bytes)`;
  return `${method} ${target.slice(0, 600)} ${JSON.stringify(headers).slice(0, 300)}${text}`;
}

/** Requests with something wrong with them: each break is one thing that programs, proxies or attackers get wrong. */
import fc from 'fast-check';
import type { FuzzRequest } from './fuzz-request.ts';

type Break = (request: FuzzRequest) => FuzzRequest;

const NASTY_TEXT = [
  '',
  ' ',
  'NaN',
  'Infinity',
  '-Infinity',
  '1e999',
  '0x10',
  '-0',
  '1,000',
  'null',
  'undefined',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  'a\u0000b',
  '\r\nx-injected: 1',
  '\ud800',
  '\u202e\u2066\ufeff',
  '𝒳'.repeat(30),
  'x'.repeat(3_000),
  '..',
  '../../etc/passwd',
  '..\\..\\windows\\win.ini',
  '/etc/passwd',
  'file:///etc/passwd',
  '%2e%2e%2f',
  '%00',
  "'; DROP TABLE jobs; --",
  '" OR 1=1 --',
  '${7*7}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '2024-02-31',
  '9999999999999999999999',
  '1e308',
] as const;

const NASTY_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  0.1,
  -0.5,
  1e308,
  -1e308,
  5e-324,
  2 ** 31,
  2 ** 53 + 2,
  -(2 ** 63),
  [],
  {},
  [[]],
  [null],
  { a: 1 },
  { length: 1e9 },
  { toString: 1 },
  Array.from({ length: 2_000 }, (_, index) => index),
  nest(200),
  ...NASTY_TEXT,
];

function nest(levels: number): unknown {
  return Array.from({ length: levels }).reduce<unknown>((inner) => ({ inner }), 1);
}

/** Replaces, removes or adds at the `nth` place of a JSON value. */
function changeJson(value: unknown, nth: number, change: (holder: Record<string, unknown>, key: string) => void): unknown {
  const root: Record<string, unknown> = { value: structuredClone(value) };
  const places: [Record<string, unknown>, string][] = [];
  const visit = (holder: Record<string, unknown>, key: string): void => {
    places.push([holder, key]);
    const inner = holder[key];
    if (typeof inner === 'object' && inner !== null) for (const name of Object.keys(inner)) visit(inner as Record<string, unknown>, name);
  };
  visit(root, 'value');
  const [holder, key] = places[nth % places.length] ?? [root, 'value'];
  change(holder, key);
  return root['value'];
}

const nasty = fc.oneof(fc.constantFrom(...NASTY_VALUES), fc.jsonValue({ maxDepth: 2 }));
const nastyText = fc.oneof(fc.constantFrom(...NASTY_TEXT), fc.string({ unit: 'binary', maxLength: 40 }));
const place = fc.nat(200);

const jsonBreaks: fc.Arbitrary<Break> = fc.oneof(
  fc.tuple(place, nasty).map(([nth, value]): Break => (request) => ({
    ...request,
    json: changeJson(request.json, nth, (holder, key) => {
      holder[key] = value;
    }),
  })),
  place.map((nth): Break => (request) => ({
    ...request,
    json: changeJson(request.json, nth, (holder, key) => {
      Reflect.deleteProperty(holder, key);
    }),
  })),
  fc.tuple(place, nastyText, nasty).map(([nth, name, value]): Break => (request) => ({
    ...request,
    json: changeJson(request.json, nth, (holder, key) => {
      const inner = holder[key];
      if (typeof inner === 'object' && inner !== null) Object.defineProperty(inner, name, { value, enumerable: true, configurable: true });
    }),
  })),
);

const toText = (request: FuzzRequest): string => (request.raw ?? Buffer.from(JSON.stringify(request.json ?? {}))).toString('utf8');
const withText = (change: (text: string) => string): Break => {
  return (request) => ({ ...request, raw: Buffer.from(change(toText(request))) });
};

const textBreaks: fc.Arbitrary<Break> = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }).map((share) => withText((text) => text.slice(0, Math.floor(text.length * share)))),
  fc.constantFrom('1e999', '-1e999', 'NaN', '00', '1_000').map((number) => withText((text) => text.replace(/-?\d+(\.\d+)?/, number))),
  fc
    .constantFrom('"__proto__":{"polluted":1},', '"constructor":{"prototype":{"polluted":1}},', '"symbol":"EURUSD",', ',')
    .map((key) => withText((text) => text.replace('{', `{${key}`))),
  fc
    .constantFrom('', ' ', 'null', '[]', '"text"', '\ufeff{}', '['.repeat(5_000), '{"a":'.repeat(5_000), 'a=1&b=2', '<a/>')
    .map((text) => withText(() => text)),
  fc.uint8Array({ maxLength: 60 }).map((bytes): Break => (request) => ({ ...request, raw: Buffer.from(bytes) })),
  fc.constant<Break>((request) => ({ ...request, raw: Buffer.alloc(300 * 1024, ' ') })),
);

const queryBreaks: fc.Arbitrary<Break> = fc.oneof(
  fc.tuple(place, nastyText).map(([nth, value]): Break => (request) => ({
    ...request,
    query: request.query.map(([name, old], index) => [name, index === nth % request.query.length ? value : old]),
  })),
  place.map((nth): Break => (request) => {
    const twice = request.query[nth % Math.max(1, request.query.length)];
    return twice === undefined ? request : { ...request, query: [...request.query, twice] };
  }),
  fc.tuple(nastyText, nastyText).map(([name, value]): Break => (request) => ({ ...request, query: [...request.query, [name, value]] })),
  fc
    .constantFrom(
      'limit=%ff',
      'limit[]=1',
      'limit[a]=1',
      '&&&',
      '=',
      'a=b=c',
      'limit=1&limit=2',
      '%',
      'offset=1e9',
      '__proto__[x]=1',
      'limit=0',
    )
    .map((rawQuery): Break => (request) => ({ ...request, rawQuery })),
);

const pathBreaks: fc.Arbitrary<Break> = fc.oneof(
  nastyText.map((text): Break => (request) => ({
    ...request,
    params: Object.fromEntries(Object.keys(request.params).map((name) => [name, text])),
  })),
  fc
    .constantFrom('/', '//', '/..', '/%2e%2e/', '/%ff', '/%', ';a=1', '/extra', '%00', '/..%2f..%2fetc%2fpasswd', '\\', '#fragment')
    .map((tail): Break => (request) => ({ ...request, path: request.path + tail })),
  fc.constant<Break>((request) => ({
    ...request,
    path: request.path.toUpperCase().replaceAll(/:([A-Z]+)/g, (name) => name.toLowerCase()),
  })),
);

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/xml' },
  { 'content-type': 'application/json; charset=utf-16' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  { 'content-type': 'multipart/form-data' },
  { 'content-type': 'multipart/form-data; boundary=x' },
  { 'content-type': '' },
  { 'content-type': ';' },
  { 'content-encoding': 'gzip' },
  { accept: 'text/html' },
  { accept: 'application/xml;q=0' },
  { authorization: 'Bearer nothing' },
  { authorization: 'Basic AAAA' },
  { 'x-request-id': 'a b\tc' },
  { 'x-request-id': 'x'.repeat(5_000) },
  { 'x-forwarded-for': '1.2.3.4, evil', 'x-forwarded-host': 'evil.example' },
  { 'x-http-method-override': 'DELETE' },
  { cookie: 'a=b; '.repeat(200) },
  { range: 'bytes=0-1,5-9999999' },
  { 'if-none-match': '*', 'if-modified-since': 'yesterday' },
  { origin: 'null' },
  { origin: 'https://evil.example' },
  { host: 'evil.example' },
  { host: '' },
  { upgrade: 'websocket', connection: 'upgrade' },
  { upgrade: 'h2c', connection: 'upgrade' },
  { expect: '100-continue' },
];

const wireBreaks: fc.Arbitrary<Break> = fc.oneof(
  fc.constantFrom(...HEADERS).map((headers): Break => (request) => ({ ...request, headers: { ...request.headers, ...headers } })),
  fc
    .constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY')
    .map((method): Break => (request) => ({ ...request, method })),
);

/** One to three things go wrong at once. */
export function broken(valid: fc.Arbitrary<FuzzRequest>): fc.Arbitrary<FuzzRequest> {
  const breaks = fc.oneof(
    { weight: 4, arbitrary: jsonBreaks },
    { weight: 3, arbitrary: queryBreaks },
    { weight: 2, arbitrary: textBreaks },
    { weight: 2, arbitrary: pathBreaks },
    { weight: 2, arbitrary: wireBreaks },
  );
  return fc
    .tuple(valid, fc.array(breaks, { minLength: 1, maxLength: 3 }))
    .map(([request, all]) => all.reduce((changed, change) => change(changed), request));
}

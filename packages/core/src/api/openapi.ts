/** The OpenAPI 3.1 document, made of the contracts alone. */
import { z } from 'zod';
import { ERROR_CATALOGUE, type ErrorCode } from '../errors.ts';
import { ErrorBodySchema } from './common.ts';
import { AUTH_ERRORS, COMMON_ERRORS, isRawContent, type RouteContract } from './contract.ts';

type Json = Record<string, unknown>;

export function toOpenApi(routes: readonly RouteContract[], about: { readonly version: string }): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:([a-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: toOperation(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'quantbot',
      version: about.version,
      description: 'Backtests and optimises trading strategies. Errors: docs/errors.md. Times are UTC, ratios are fractions.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key (`quantbot keys create`) or a token of POST /api/auth/token. Not needed where authentication is off.',
        },
      },
    },
  };
}

function toOperation(route: RouteContract, components: Json): Json {
  return {
    operationId: route.id,
    summary: route.summary,
    description: route.role === 'public' ? 'Needs no key.' : `Needs the role ${route.role}.`,
    tags: [route.tag],
    ...(route.role === 'public' && { security: [] }),
    parameters: [...toParameters(route.params, 'path', components), ...toParameters(route.query, 'query', components)],
    ...toRequestBody(route, components),
    responses: { [String(route.status)]: toSuccess(route, components), ...toErrors(route, components) },
  };
}

function toRequestBody(route: RouteContract, components: Json): Json {
  if (route.upload === true) {
    const schema = {
      type: 'object',
      properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } },
      required: ['file'],
    };
    return { requestBody: { required: true, content: { 'multipart/form-data': { schema } } } };
  }
  if (route.body === undefined) return {};
  return { requestBody: { required: true, content: { 'application/json': { schema: toSchema(route.body, 'input', components) } } } };
}

function toSuccess(route: RouteContract, components: Json): Json {
  if (route.response === null) return { description: 'A WebSocket' };
  if (isRawContent(route.response)) return { description: route.summary, content: { [route.response.contentType]: {} } };
  return { description: route.summary, content: { 'application/json': { schema: toSchema(route.response, 'output', components) } } };
}

/** Codes that share a status are told in one response. */
function toErrors(route: RouteContract, components: Json): Json {
  const codes = new Set<ErrorCode>([
    ...route.errors,
    ...COMMON_ERRORS,
    // Callers of public routes too are refused by the name of the server that they use.
    ...(route.role === 'public' ? (['FORBIDDEN'] as const) : AUTH_ERRORS),
    // Bodies are read where the method may have one, wanted or not.
    ...(route.method === 'GET' ? [] : (['PAYLOAD_TOO_LARGE'] as const)),
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { httpStatus } = ERROR_CATALOGUE[code];
    byStatus.set(httpStatus, [...(byStatus.get(httpStatus) ?? []), code]);
  }
  const schema = toSchema(ErrorBodySchema, 'output', components);
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      String(status),
      { description: of.map((code) => `${code}: ${ERROR_CATALOGUE[code].meaning}`).join(' '), content: { 'application/json': { schema } } },
    ]),
  );
}

function toParameters(schema: z.ZodObject | undefined, place: 'path' | 'query', components: Json): Json[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description, ...json } = toSchema(field as z.ZodType, 'input', components);
    const required = place === 'path' || !(field as z.ZodType).safeParse(undefined).success;
    return { name, in: place, required, schema: json, ...(typeof description === 'string' && { description }) };
  });
}

/** Named schemas go to components. As input fields with defaults may be left out, so these have names of their own. */
function toSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const { $schema: _dialect, $defs, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  const rename = (name: string): string => (io === 'input' ? `${name}Input` : name);
  for (const [name, definition] of Object.entries(($defs ?? {}) as Json)) components[rename(name)] ??= moveReferences(definition, rename);
  return moveReferences(json, rename) as Json;
}

const DEFINITIONS = '#/$defs/';

function moveReferences(node: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(node)) return node.map((each) => moveReferences(each, rename));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' && value.startsWith(DEFINITIONS)
        ? `#/components/schemas/${rename(value.slice(DEFINITIONS.length))}`
        : moveReferences(value, rename),
    ]),
  );
}

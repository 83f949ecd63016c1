/** A route of the server as one object: the server checks by it, the client is typed by it, the OpenAPI document is made of it. */
import type { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import type { Role } from '../job/key-store.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A body that is no JSON: a file, a page, a stream of text. */
export interface RawContent {
  readonly contentType: string;
}

export interface RouteContract {
  /** Unique; the name of the client's method and OpenAPI's operationId. */
  readonly id: string;
  readonly method: HttpMethod;
  /** With `:name` for parameters; `*` at the end takes the rest. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** The least role that may call it. `public`: no key is needed even with authentication on. */
  readonly role: Role | 'public';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** A form with one file, streamed. */
  readonly upload?: true;
  /** The answer to a success, and its status. */
  readonly status: 200 | 201 | 202 | 101;
  /** null: no body (a WebSocket). */
  readonly response: z.ZodType | RawContent | null;
  /** What it may refuse with, besides what every route may (COMMON_ERRORS). */
  readonly errors: readonly ErrorCode[];
}

/** Keeps the literal types of a contract, so that handlers and the client are typed by it. */
export function defineRoute<const Contract extends RouteContract>(contract: Contract): Contract {
  return contract;
}

/** Every route may answer with these. */
export const COMMON_ERRORS: readonly ErrorCode[] = ['INVALID_REQUEST', 'RATE_LIMITED', 'STORE_UNREACHABLE', 'INTERNAL'];
/** And every route that needs a role with these. */
export const AUTH_ERRORS: readonly ErrorCode[] = ['UNAUTHENTICATED', 'FORBIDDEN'];

type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;
type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a handler gets: checked, with defaults. */
export type ParamsOf<Contract extends RouteContract> = Output<Contract['params']>;
export type QueryOf<Contract extends RouteContract> = Output<Contract['query']>;
export type BodyOf<Contract extends RouteContract> = Output<Contract['body']>;
/** What a caller writes: defaults may be left out. */
export type QueryInputOf<Contract extends RouteContract> = Input<Contract['query']>;
export type BodyInputOf<Contract extends RouteContract> = Input<Contract['body']>;
export type ResponseOf<Contract extends RouteContract> = Contract['response'] extends z.ZodType ? z.output<Contract['response']> : unknown;

export function isRawContent(response: RouteContract['response']): response is RawContent {
  return response !== null && 'contentType' in response;
}

/** What a caller writes and gets for each contract: types only, derived from the contracts. */
import type { API_ROUTES, LIVE_ROUTES, ResponseOf, RouteContract } from '@quantbot/core';
import type { z } from 'zod';

type Routes = typeof API_ROUTES;
/** Every contract but those of WebSockets, which are `watch`. */
export type RouteId = Exclude<keyof Routes, keyof typeof LIVE_ROUTES>;

export interface CallOptions {
  /** Ends the call with CANCELLED. */
  readonly signal?: AbortSignal;
  /** Of each attempt; default: that of the client. */
  readonly timeoutMs?: number;
}

/** A file to send: in Node, `await openAsBlob(path)` reads it while it is sent. */
export interface UploadFile {
  readonly name: string;
  readonly content: Blob;
}

/** Numbers may be numbers and lists lists, although an address carries text. */
type Written<In, Out> = unknown extends In ? Out : NonNullable<Out> extends readonly (infer Item)[] ? In | readonly Item[] : In;
type FieldsOf<Schema extends z.ZodType> = {
  readonly [Name in keyof z.input<Schema>]: Written<
    z.input<Schema>[Name],
    Name extends keyof z.output<Schema> ? z.output<Schema>[Name] : unknown
  >;
};

type RequiredKeys<Fields> = { [Name in keyof Fields]-?: undefined extends Fields[Name] ? never : Name }[keyof Fields];
type IsOptional<Fields> = [RequiredKeys<Fields>] extends [never] ? true : false;

type ParamsPart<Contract> = Contract extends { readonly params: infer Schema extends z.ZodType }
  ? { readonly params: FieldsOf<Schema> }
  : unknown;
type QueryPart<Contract> = Contract extends { readonly query: infer Schema extends z.ZodType }
  ? IsOptional<FieldsOf<Schema>> extends true
    ? { readonly query?: FieldsOf<Schema> }
    : { readonly query: FieldsOf<Schema> }
  : unknown;
type BodyPart<Contract> = Contract extends { readonly body: infer Schema extends z.ZodType } ? { readonly body: z.input<Schema> } : unknown;
type UploadPart<Contract> = Contract extends { readonly upload: true } ? { readonly file: UploadFile } : unknown;

export type CallOf<Contract extends RouteContract> = CallOptions &
  ParamsPart<Contract> &
  QueryPart<Contract> &
  BodyPart<Contract> &
  UploadPart<Contract>;

/** Checked by the contract; files and pages come as the `Response` of fetch. */
export type AnswerOf<Contract extends RouteContract> = Contract['response'] extends z.ZodType ? ResponseOf<Contract> : Response;

/** The call may be left out where nothing must be said. */
type ArgumentsOf<Contract extends RouteContract> =
  IsOptional<CallOf<Contract>> extends true ? [call?: CallOf<Contract>] : [call: CallOf<Contract>];

export type RouteMethods = {
  readonly [Id in RouteId]: (...args: ArgumentsOf<Routes[Id]>) => Promise<AnswerOf<Routes[Id]>>;
};

/** What all calls look like at run time. */
export interface AnyCall extends CallOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly file?: UploadFile;
}

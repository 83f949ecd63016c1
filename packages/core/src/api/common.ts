/** What the contracts share: ids, pages, times, the one shape of errors. */
import { z } from 'zod';
import { ERROR_CODES } from '../errors.ts';

/** Ids of jobs, studies, keys and run folders. Nothing that a file system or a shell would read as more than a name. */
export const ID_PATTERN = /^[a-z0-9][a-z0-9_-]{0,63}$/;
export const IdSchema = z.string().regex(ID_PATTERN, 'expected an id of a-z, 0-9, - and _, at most 64 characters');
export const IdParamsSchema = z.strictObject({ id: IdSchema });

/** Names that people give: no control characters. */
export const NameSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'expected text without control characters');
/** A file stem below strategies/: it becomes part of a path. */
export const StrategyNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'expected a name of letters, digits, - and _, at most 64 characters');
/** What a strategy calls itself, or its file: looked for, never made part of a path. */
export const StrategyTitleSchema = z.string().regex(/^[A-Za-z0-9][\w .-]{0,99}$/, 'expected the name of a strategy');
export const SymbolSchema = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._:/-]{0,99}$/u, 'expected a symbol such as BTC-USDT');
export const TimeframeSchema = z.string().regex(/^[1-9]\d{0,5}[smhdw]$/, 'expected an interval such as 5m, 1h or 1d');

const TIME = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;
/** A date, or a time in UTC unless it says otherwise. */
export const TimeSchema = z
  .string()
  .max(40)
  .refine(
    (text) => TIME.test(text) && !Number.isNaN(toTimeMs(text)),
    'expected a date such as 2024-01-31 or a time such as 2024-01-31T12:00:00Z',
  )
  .meta({ description: 'A date such as `2024-01-31`, or a time such as `2024-01-31T12:00:00Z` (UTC unless it says otherwise).' });

const DAY_MS = 86_400_000;

/** Unix milliseconds. A date without a time is its whole day: as an end, the day is included. */
export function toTimeMs(text: string, bound: 'from' | 'to' = 'from'): number {
  const isDate = text.length === 10;
  const ms = Date.parse(isDate || /(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`);
  // 31 February would become March.
  if (isDate && !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) !== text) return Number.NaN;
  return isDate && bound === 'to' ? ms + DAY_MS : ms;
}

export const MAX_PAGE = 1_000;
export const pageFields = {
  offset: z.coerce.number().int().min(0).max(100_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
};
export const SearchTextSchema = NameSchema.meta({ description: 'Part of the name or the id.' });

/** `a,b` in a query string → a list of these values. */
export function listOf<const Values extends readonly [string, ...string[]]>(values: Values): z.ZodType<Values[number][], string> {
  const one = z.enum(values);
  return z
    .string()
    .max(2_000)
    .transform((text, context) => {
      const parts = text.split(',').map((part) => one.safeParse(part.trim()));
      if (parts.some((part) => !part.success)) {
        context.addIssue({ code: 'custom', message: `expected a list of ${values.join(', ')}` });
        return z.NEVER;
      }
      return parts.flatMap((part) => (part.success ? [part.data] : []));
    })
    .meta({ description: `Some of ${values.join(', ')}, with commas between.` });
}

/** A page of a list: `total` counts all that match, not only this page. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), total: z.int().min(0), offset: z.int().min(0), limit: z.int().min(1) });
}

export const JsonObjectSchema = z.record(z.string(), z.unknown());
export const IsoTimeSchema = z.string().meta({ format: 'date-time' });

export const ErrorBodySchema = z
  .object({
    error: z.object({
      code: z.enum(ERROR_CODES),
      message: z.string(),
      details: JsonObjectSchema,
      request_id: z.string(),
    }),
  })
  .meta({
    id: 'Error',
    description: 'Every refusal and failure: a code of docs/errors.md, what was expected, what was found and what to do.',
  });
export type ErrorBody = z.infer<typeof ErrorBodySchema>;

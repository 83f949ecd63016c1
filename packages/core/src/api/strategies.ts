/** Strategies of the workspace: YAML rules and Python files below strategies/. */
import { z } from 'zod';
import { ParameterValueSchema } from '../study/study.ts';
import { IsoTimeSchema, JsonObjectSchema, pageFields, pageOf, SearchTextSchema, StrategyNameSchema } from './common.ts';
import { defineRoute } from './contract.ts';

export const STRATEGY_KINDS = ['rules', 'python'] as const;
export type StrategyKind = (typeof STRATEGY_KINDS)[number];
export const MAX_STRATEGY_BYTES = 256 * 1024;

const summaryFields = {
  name: z.string(),
  kind: z.enum(STRATEGY_KINDS),
  file: z.string(),
  bytes: z.int(),
  updated_at: IsoTimeSchema,
};
const StrategySchema = z.object(summaryFields).meta({ id: 'Strategy', description: '`file` is relative to the workspace.' });

export const StrategyCheckSchema = z
  .object({
    is_valid: z.boolean(),
    name: z.string().nullable(),
    source_hash: z.string().nullable(),
    summary: z.string().nullable(),
    parameters: z.record(z.string(), ParameterValueSchema),
    space: z.array(JsonObjectSchema),
    warm_up_candles: z.int().nullable(),
    problems: z.array(z.object({ code: z.string(), message: z.string() })),
  })
  .meta({
    id: 'StrategyCheck',
    description:
      '`name`: what it calls itself. `source_hash`: of everything it is made of; null for a text. `problems` name line and column. `parameters`: defaults; `space`: what a search may try.',
  });
export type StrategyCheck = z.infer<typeof StrategyCheckSchema>;

const source = z.string().min(1).max(MAX_STRATEGY_BYTES);
const named = { params: z.strictObject({ name: StrategyNameSchema }) };
const tag = 'strategies';

export const STRATEGY_ROUTES = {
  listStrategies: defineRoute({
    id: 'listStrategies',
    method: 'GET',
    path: '/api/strategies',
    tag,
    summary: 'Strategies of the workspace, by name',
    role: 'read',
    query: z.strictObject({ ...pageFields, search: SearchTextSchema.optional(), kind: z.enum(STRATEGY_KINDS).optional() }),
    status: 200,
    response: pageOf(StrategySchema),
    errors: [],
  }),
  getStrategy: defineRoute({
    ...named,
    id: 'getStrategy',
    method: 'GET',
    path: '/api/strategies/:name',
    tag,
    summary: 'A strategy and its source',
    role: 'read',
    status: 200,
    response: z.object({ ...summaryFields, source: z.string(), sha256: z.string() }),
    errors: ['STRATEGY_NOT_FOUND'],
  }),
  checkStrategy: defineRoute({
    id: 'checkStrategy',
    method: 'POST',
    path: '/api/strategies/validate',
    tag,
    summary: 'Check a strategy of rules without saving it',
    role: 'run',
    body: z.strictObject({ source }).meta({ id: 'StrategySource' }),
    status: 200,
    response: StrategyCheckSchema,
    errors: [],
  }),
  describeStrategy: defineRoute({
    ...named,
    id: 'describeStrategy',
    method: 'GET',
    path: '/api/strategies/:name/description',
    tag,
    summary: 'Parameters, search space and problems of a saved strategy',
    role: 'run',
    status: 200,
    response: StrategyCheckSchema,
    errors: ['STRATEGY_NOT_FOUND'],
  }),
  saveStrategy: defineRoute({
    ...named,
    id: 'saveStrategy',
    method: 'PUT',
    path: '/api/strategies/:name',
    tag,
    summary: 'Save a strategy that passes its check; Python only where the configuration allows it',
    role: 'admin',
    body: z
      .strictObject({
        kind: z.enum(STRATEGY_KINDS).default('rules'),
        source,
        expected_sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .nullable()
          .optional()
          .meta({ description: 'What was read before; null: it must be new. Left out: whatever is there is replaced.' }),
      })
      .meta({ id: 'SaveStrategy' }),
    status: 200,
    response: z.object({ ...summaryFields, sha256: z.string(), created: z.boolean() }),
    errors: ['INVALID_STRATEGY', 'FORBIDDEN', 'CONFLICTING_DATA', 'DISK_FULL'],
  }),
};

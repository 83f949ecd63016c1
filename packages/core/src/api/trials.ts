/** Trials of studies: filtered, sorted and paged by the store. */
import { z } from 'zod';
import { PeriodFiguresSchema } from '../engine/search.ts';
import type { TrialCondition, TrialKey } from '../study/study-store.ts';
import { ParameterValueSchema, PERIODS, TRIAL_STATES, type Period, type TrialRecord } from '../study/study.ts';
import { IdParamsSchema, IdSchema, listOf, pageFields, pageOf } from './common.ts';
import { defineRoute } from './contract.ts';

export const TrialViewSchema = z
  .object({
    number: z.int(),
    state: z.enum(TRIAL_STATES),
    params: z.record(z.string(), ParameterValueSchema),
    figures: z.array(PeriodFiguresSchema),
    rejections: z.array(z.string()),
    error: z.object({ code: z.string(), message: z.string(), traceback: z.string().nullable() }).nullable(),
  })
  .meta({ id: 'Trial', description: 'A recorded trial; it never changes. `rejections`: success criteria that it does not meet.' });
export type TrialView = z.infer<typeof TrialViewSchema>;

export function toTrialView(trial: TrialRecord): TrialView {
  return {
    number: trial.number,
    state: trial.state,
    params: { ...trial.params },
    figures: trial.figures.map(({ period, metrics, objectives, nullReasons }) => ({
      period,
      metrics: { ...metrics },
      objectives: { ...objectives },
      null_reasons: { ...nullReasons },
    })),
    rejections: [...trial.rejections],
    error: trial.error === null ? null : { ...trial.error },
  };
}

const KEY = /^(?:number|state|param:.{1,100}|(?:metric|objective):[^:@]{1,100}@(?:30d|90d|1y|all))$/;
const KEY_HELP = '`number`, `state`, `param:NAME`, `metric:NAME@PERIOD` or `objective:NAME@PERIOD`';

/** `objective:sharpe_ratio@all` → the store's key. The text has passed KEY. */
export function toTrialKey(text: string): TrialKey {
  if (text === 'number' || text === 'state') return { kind: text };
  if (text.startsWith('param:')) return { kind: 'param', name: text.slice('param:'.length) };
  const [colon, at] = [text.indexOf(':'), text.lastIndexOf('@')];
  const kind = text.startsWith('metric:') ? 'metric' : 'objective';
  return { kind, name: text.slice(colon + 1, at), period: text.slice(at + 1) as Period };
}

const CONDITION = /^(.{1,220}?)(<=|>=|<|>|=)(.{0,200})$/;

/** `param:fast<=10;metric:trades@all>30` → conditions. Throws RangeError. */
export function parseConditions(text: string): TrialCondition[] {
  return text
    .split(';')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [, key = '', is = '', value = ''] = CONDITION.exec(part.trim()) ?? [];
      if (!KEY.test(key)) throw new RangeError(`expected KEY OPERATOR VALUE with ${KEY_HELP}, found "${part}"`);
      return { key: toTrialKey(key), is: is as TrialCondition['is'], value: toValue(value) };
    });
}

function toValue(text: string): TrialCondition['value'] {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : text;
}

function isConditions(text: string): boolean {
  try {
    return parseConditions(text).length <= 16;
  } catch {
    return false;
  }
}

export const trialQueryFields = {
  ...pageFields,
  states: listOf(TRIAL_STATES).optional(),
  accepted: z.enum(['true', 'false']).optional().meta({ description: '`true`: only complete trials that meet all success criteria.' }),
  where: z
    .string()
    .max(4_000)
    .refine(isConditions, `expected up to 16 conditions such as param:fast<=10;metric:trades@all>30, keys ${KEY_HELP}`)
    .optional()
    .meta({
      description: `Conditions that must all hold, with semicolons between: \`param:fast<=10;metric:trades@all>30\`. Keys: ${KEY_HELP}.`,
    }),
  sort: z
    .string()
    .max(220)
    .regex(KEY, `expected ${KEY_HELP}`)
    .optional()
    .meta({ description: `By what to sort: ${KEY_HELP}.` }),
  direction: z.enum(['asc', 'desc']).default('desc'),
};

const tag = 'studies';
export const TRIAL_ROUTES = {
  listTrials: defineRoute({
    id: 'listTrials',
    method: 'GET',
    path: '/api/studies/:id/trials',
    tag,
    summary: 'Trials of a study, filtered, sorted and paged by the store',
    role: 'read',
    params: IdParamsSchema,
    query: z.strictObject(trialQueryFields),
    status: 200,
    response: pageOf(TrialViewSchema),
    errors: ['STUDY_NOT_FOUND'],
  }),
  getTrial: defineRoute({
    id: 'getTrial',
    method: 'GET',
    path: '/api/studies/:id/trials/:number',
    tag,
    summary: 'One trial',
    role: 'read',
    params: z.strictObject({
      id: IdSchema,
      number: z.coerce
        .number()
        .int()
        .min(0)
        .max(2 ** 31 - 1),
    }),
    status: 200,
    response: TrialViewSchema,
    errors: ['STUDY_NOT_FOUND', 'NOT_FOUND'],
  }),
  /** Columns for charts: few fields of many trials. */
  getTrialColumns: defineRoute({
    id: 'getTrialColumns',
    method: 'GET',
    path: '/api/studies/:id/columns',
    tag,
    summary: 'Parameters and one figure of up to 100,000 trials as columns, for charts',
    role: 'read',
    params: IdParamsSchema,
    query: z.strictObject({
      objective: z.string().min(1).max(100).optional().meta({ description: 'Default: the first of the study.' }),
      period: z.enum(PERIODS).optional(),
      from: z.coerce
        .number()
        .int()
        .min(0)
        .max(2 ** 31 - 1)
        .default(0),
      limit: z.coerce.number().int().min(1).max(100_000).default(100_000),
    }),
    status: 200,
    response: z
      .object({
        objective: z.string(),
        period: z.enum(PERIODS),
        number: z.array(z.int()),
        state: z.array(z.enum(TRIAL_STATES)),
        is_accepted: z.array(z.boolean()),
        value: z.array(z.number().nullable()),
        params: z.record(z.string(), z.array(ParameterValueSchema.nullable())),
        next_from: z.int().nullable(),
      })
      .meta({ id: 'TrialColumns', description: 'One entry per trial in every column, in order of number.' }),
    errors: ['STUDY_NOT_FOUND', 'INVALID_REQUEST'],
  }),
};

/** Studies: what was searched and how far it is; the leaderboard over all of them. */
import { z } from 'zod';
import type { LeaderboardRow } from '../study/study-store.ts';
import { PERIODS, STUDY_STATES, type Study } from '../study/study.ts';
import {
  IdParamsSchema,
  IdSchema,
  IsoTimeSchema,
  JsonObjectSchema,
  listOf,
  NameSchema,
  pageFields,
  pageOf,
  SearchTextSchema,
} from './common.ts';
import { defineRoute } from './contract.ts';
import { toTrialView, TrialViewSchema } from './trials.ts';

export const StudyViewSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    strategy: z.string(),
    state: z.enum(STUDY_STATES),
    reason: z.string().nullable(),
    objectives: z.array(z.string()),
    periods: z.array(z.enum(PERIODS)),
    seed: z.int(),
    budget: z.int().nullable(),
    trials_recorded: z.int(),
    trials_failed: z.int(),
    trials_pruned: z.int(),
    created_at: IsoTimeSchema,
    updated_at: IsoTimeSchema,
  })
  .meta({ id: 'Study', description: '`budget`: trials asked for; null until the space is exhausted.' });
export type StudyView = z.infer<typeof StudyViewSchema>;

export function toStudyView(study: Study): StudyView {
  const { definition } = study;
  return {
    id: study.id,
    name: study.name,
    strategy: definition.strategy,
    state: study.state,
    reason: study.reason,
    objectives: [...definition.objectives],
    periods: [...definition.periods],
    seed: definition.seed,
    budget: definition.budget,
    trials_recorded: study.trialsRecorded,
    trials_failed: study.trialsFailed,
    trials_pruned: study.trialsPruned,
    created_at: new Date(study.createdAtMs).toISOString(),
    updated_at: new Date(study.updatedAtMs).toISOString(),
  };
}

const LeaderboardRowSchema = z
  .object({
    rank: z.int(),
    value: z.number(),
    study: z.object({ id: z.string(), name: z.string(), strategy: z.string(), trials_recorded: z.int() }),
    trial: TrialViewSchema,
  })
  .meta({
    id: 'LeaderboardRow',
    description: '`trials_recorded` says how many were tried for this one: the more, the more luck is in its value.',
  });

export function toLeaderboardView({ rank, value, study, trial }: LeaderboardRow): z.infer<typeof LeaderboardRowSchema> {
  const { id, name, strategy, trialsRecorded } = study;
  return { rank, value, study: { id, name, strategy, trials_recorded: trialsRecorded }, trial: toTrialView(trial) };
}

const tag = 'studies';
const one = { params: IdParamsSchema, tag, errors: ['STUDY_NOT_FOUND'] } as const;
const ChangedSchema = z.object({ id: IdSchema, state: z.enum(STUDY_STATES) });

export const STUDY_ROUTES = {
  listStudies: defineRoute({
    id: 'listStudies',
    method: 'GET',
    path: '/api/studies',
    tag,
    summary: 'Studies, newest first, whoever started them',
    role: 'read',
    query: z.strictObject({
      ...pageFields,
      states: listOf(STUDY_STATES).optional(),
      strategy: NameSchema.optional(),
      search: SearchTextSchema.optional(),
    }),
    status: 200,
    response: pageOf(StudyViewSchema),
    errors: [],
  }),
  getStudy: defineRoute({
    ...one,
    id: 'getStudy',
    method: 'GET',
    path: '/api/studies/:id',
    summary: 'One study with its definition and its files',
    role: 'read',
    status: 200,
    response: z.object({
      study: StudyViewSchema,
      definition: JsonObjectSchema,
      artefacts: z.array(z.object({ kind: z.string(), path: z.string(), sha256: z.string(), created_at: IsoTimeSchema })),
      run: z.string().nullable().meta({ description: 'Its run folder, for the addresses below /api/reports.' }),
    }),
  }),
  pauseStudy: defineRoute({
    ...one,
    id: 'pauseStudy',
    method: 'POST',
    path: '/api/studies/:id/pause',
    summary: 'Pause a study after the block under way',
    role: 'run',
    status: 202,
    response: ChangedSchema,
  }),
  cancelStudy: defineRoute({
    ...one,
    id: 'cancelStudy',
    method: 'POST',
    path: '/api/studies/:id/cancel',
    summary: 'Stop a study for good; its trials stay',
    role: 'run',
    status: 202,
    response: ChangedSchema,
  }),
  deleteStudy: defineRoute({
    ...one,
    id: 'deleteStudy',
    method: 'DELETE',
    path: '/api/studies/:id',
    summary: 'Delete a study with all its trials; its run folder stays',
    role: 'admin',
    status: 200,
    response: z.object({ id: IdSchema, deleted: z.literal(true) }),
    errors: ['STUDY_NOT_FOUND', 'STUDY_RUNNING'],
  }),
  getLeaderboard: defineRoute({
    id: 'getLeaderboard',
    method: 'GET',
    path: '/api/leaderboard',
    tag: 'leaderboard',
    summary: 'The best trials over all studies, by one objective in one period',
    role: 'read',
    query: z.strictObject({
      objective: NameSchema.default('final_balance'),
      period: z.enum(PERIODS).default('all'),
      strategy: NameSchema.optional(),
      accepted: z.enum(['true', 'false']).optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(50),
    }),
    status: 200,
    response: z.object({ objective: z.string(), period: z.enum(PERIODS), items: z.array(LeaderboardRowSchema) }),
    errors: [],
  }),
};

/** The studies of a server, in the form of the study store: commands that look at studies do not know which of the two they read. */
import type { Client } from '@quantbot/client';
import {
  AppError,
  type LeaderboardRow,
  type Period,
  type PeriodFigures,
  type Study,
  type StudyStore,
  type StudyView,
  type TrialKey,
  type TrialQuery,
  type TrialRecord,
  type TrialView,
} from '@quantbot/core';
import { z } from 'zod';

/** What commands that look at studies need of a store. */
export type Studies = Pick<StudyStore, 'findStudy' | 'listStudies' | 'listTrials' | 'streamTrials' | 'findLeaderboard' | 'setStudyState'>;

const PAGE = 1_000;

export function createRemoteStudies(client: Client): Studies {
  const findStudy: Studies['findStudy'] = async (id) => {
    const found = await client.getStudy({ params: { id } }).catch(ignoreMissing);
    return found === undefined ? undefined : toStudy(found.study, found.definition);
  };
  return {
    findStudy,
    async listStudies(filter = {}) {
      const { items, total } = await client.listStudies({ query: filter });
      return { items: items.map((view) => toStudy(view, {})), total };
    },
    async listTrials(id, query = {}) {
      const { items, total } = await client.listTrials({ params: { id }, query: toTrialQuery(query) });
      return { items: items.map(toTrial), total };
    },
    async *streamTrials(id, fromNumber = 0) {
      for (let next = fromNumber; ;) {
        const query = { where: `number>=${next}`, sort: 'number', direction: 'asc', limit: PAGE } as const;
        const { items } = await client.listTrials({ params: { id }, query });
        yield* items.map(toTrial);
        const last = items.at(-1);
        if (last === undefined || items.length < PAGE) return;
        next = last.number + 1;
      }
    },
    async findLeaderboard({ acceptedOnly = false, ...query }) {
      const { items } = await client.getLeaderboard({ query: { ...query, ...(acceptedOnly && { accepted: 'true' as const }) } });
      return items.map(({ study: { trials_recorded: trialsRecorded, ...study }, trial, rank, value }): LeaderboardRow => {
        return { rank, value, study: { ...study, trialsRecorded }, trial: toTrial(trial) };
      });
    },
    async setStudyState({ id, from, to }) {
      const study = await findStudy(id);
      if (study === undefined || !from.includes(study.state)) return false;
      const { state } = await (to === 'paused' ? client.pauseStudy({ params: { id } }) : client.cancelStudy({ params: { id } }));
      return state === to;
    },
  };
}

/** What is no id cannot be there either. */
function ignoreMissing(error: unknown): undefined {
  if (error instanceof AppError && (error.code === 'STUDY_NOT_FOUND' || error.code === 'INVALID_REQUEST')) return undefined;
  throw error;
}

/** Lists tell neither the specification nor the block size. */
const DefinitionSchema = z.object({ blockSize: z.int().default(1), spec: z.record(z.string(), z.unknown()).default({}) });

function toStudy(view: StudyView, definition: unknown): Study {
  const { strategy, objectives, periods, seed, budget } = view;
  return {
    id: view.id,
    name: view.name,
    state: view.state,
    reason: view.reason,
    definition: { strategy, objectives, periods, seed, budget, ...DefinitionSchema.parse(definition) },
    createdAtMs: Date.parse(view.created_at),
    updatedAtMs: Date.parse(view.updated_at),
    trialsRecorded: view.trials_recorded,
    trialsFailed: view.trials_failed,
    trialsPruned: view.trials_pruned,
  };
}

function toTrial({ figures, ...trial }: TrialView): TrialRecord {
  return {
    ...trial,
    figures: figures.map(({ period, metrics, objectives, null_reasons: nullReasons }): PeriodFigures => ({
      period: period satisfies Period,
      metrics,
      objectives,
      nullReasons,
    })),
  };
}

function toTrialQuery({ states, conditions = [], acceptedOnly = false, sort, offset, limit }: TrialQuery) {
  return {
    ...(states !== undefined && { states }),
    ...(acceptedOnly && { accepted: 'true' as const }),
    ...(conditions.length > 0 && { where: conditions.map(({ key, is, value }) => `${toKeyText(key)}${is}${String(value)}`).join(';') }),
    ...(sort !== undefined && { sort: toKeyText(sort.key), direction: sort.direction }),
    ...(offset !== undefined && { offset }),
    ...(limit !== undefined && { limit }),
  };
}

function toKeyText(key: TrialKey): string {
  switch (key.kind) {
    case 'number':
    case 'state':
      return key.kind;
    case 'param':
      return `param:${key.name}`;
    case 'metric':
    case 'objective':
      return `${key.kind}:${key.name}@${key.period}`;
  }
}

/** Trials of a study: pages for tables, columns for charts. */
import {
  AppError,
  parseConditions,
  toTrialKey,
  toTrialView,
  type ParameterValue,
  type TRIAL_ROUTES,
  type TrialQuery,
  type TrialRecord,
} from '@quantbot/core';
import type { Handlers } from '../http/register-route.ts';
import type { ServerRoom } from '../room.ts';
import { getStudy } from './studies.ts';

type Columns = Awaited<ReturnType<Handlers<typeof TRIAL_ROUTES>['getTrialColumns']>>;

export function createTrialHandlers(room: ServerRoom): Handlers<typeof TRIAL_ROUTES> {
  const { studies } = room;
  return {
    async listTrials({ params, query }) {
      await getStudy(room, params.id);
      const { offset, limit, states, accepted, where, sort, direction } = query;
      const asked: TrialQuery = {
        offset,
        limit,
        acceptedOnly: accepted === 'true',
        ...(states !== undefined && { states }),
        ...(where !== undefined && { conditions: parseConditions(where) }),
        ...(sort !== undefined && { sort: { key: toTrialKey(sort), direction } }),
      };
      const { items, total } = await studies.listTrials(params.id, asked);
      return { items: items.map(toTrialView), total, offset, limit };
    },
    async getTrial({ params }) {
      await getStudy(room, params.id);
      const trial = await studies.findTrial(params.id, params.number);
      if (trial === undefined) throw new AppError('NOT_FOUND', `study ${params.id} has no trial ${params.number}`);
      return toTrialView(trial);
    },
    async getTrialColumns({ params, query }) {
      const { definition } = await getStudy(room, params.id);
      const objective = query.objective ?? definition.objectives[0] ?? '';
      const period = query.period ?? (definition.periods.includes('all') ? 'all' : (definition.periods[0] ?? 'all'));
      if (!definition.objectives.includes(objective)) {
        throw new AppError('INVALID_REQUEST', `objective: expected one of ${definition.objectives.join(', ')}, found ${objective}`);
      }
      const columns: Columns = { objective, period, number: [], state: [], is_accepted: [], value: [], params: {}, next_from: null };
      for await (const trial of studies.streamTrials(params.id, query.from)) {
        if (columns.number.length === query.limit) return { ...columns, next_from: trial.number };
        addTrial(columns, trial);
      }
      return columns;
    },
  };
}

function addTrial(columns: Columns, trial: TrialRecord): void {
  const row = columns.number.length;
  columns.number.push(trial.number);
  columns.state.push(trial.state);
  columns.is_accepted.push(trial.state === 'complete' && trial.rejections.length === 0);
  columns.value.push(trial.figures.find(({ period }) => period === columns.period)?.objectives[columns.objective] ?? null);
  for (const name of Object.keys(trial.params)) {
    // Not ??=: a parameter may be called `constructor`, which every object has.
    if (!Object.hasOwn(columns.params, name)) columns.params[name] = new Array<ParameterValue | null>(row).fill(null);
  }
  for (const [name, values] of Object.entries(columns.params)) values.push(trial.params[name] ?? null);
}

/** Batches: a job and its study together, as progress with an estimate, and as results with what each parameter did. */
import {
  toJobView,
  toTrialView,
  type BatchResultsSchema,
  type BatchSchema,
  type BestTrialSchema,
  type Job,
  type ParameterValue,
  type Period,
  type Study,
  type TrialQuery,
  type TrialRecord,
} from '@quantbot/core';
import type { z } from 'zod';
import type { ServerRoom } from '../room.ts';

type Batch = z.infer<typeof BatchSchema>;
type BatchResults = z.infer<typeof BatchResultsSchema>;
type BestTrial = z.infer<typeof BestTrialSchema>;

interface Lead {
  readonly objective: string;
  readonly period: Period;
}

export async function toBatch(room: ServerRoom, job: Job): Promise<Batch> {
  const study = await findStudy(room, job);
  const counts = countTrials(study);
  const { completed } = counts;
  const total = findTotal(job, study);
  const { id, name, status, error, created_at, started_at, finished_at } = toJobView(job);
  return {
    batch_id: id,
    name,
    status,
    study_id: job.studyId ?? id,
    study_state: study?.state ?? null,
    total,
    ...counts,
    progress_pct: status === 'complete' ? 100 : toShare(completed, total),
    best: study === undefined ? null : await findBest(room, study),
    ...toPace(room, { job, completed, total }),
    error,
    created_at,
    started_at,
    finished_at,
  };
}

/** A grid has no budget: its size was counted when it was submitted. Constraints may make it smaller, which is known at the end. */
function findTotal(job: Job, study: Study | undefined): number | null {
  if (job.state === 'complete' && study !== undefined) return study.trialsRecorded;
  return readCount(job, 'total') ?? study?.definition.budget ?? readNumber(job.request['expected_trials']);
}

function countTrials(study: Study | undefined): Pick<Batch, 'completed' | 'failed' | 'pruned'> {
  return { completed: study?.trialsRecorded ?? 0, failed: study?.trialsFailed ?? 0, pruned: study?.trialsPruned ?? 0 };
}

function toShare(completed: number, total: number | null): number | null {
  return total === null || total === 0 ? null : Math.min(100, (100 * completed) / total);
}

/** Runners tell `done` and `total`. */
function readCount({ progress, result }: Job, name: string): number | null {
  return readNumber(progress?.[name] ?? result?.[name]);
}

function readNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

type Pace = Pick<Batch, 'trials_per_s' | 'estimated_seconds_left' | 'estimated_completion'>;

/** From what this attempt has recorded; a study that was resumed has not recorded everything since then, so its runner says how much. */
function toPace({ nowMs }: ServerRoom, { job, completed, total }: { job: Job; completed: number; total: number | null }): Pace {
  const unknown = { trials_per_s: null, estimated_seconds_left: null, estimated_completion: null };
  if (job.state !== 'running' || job.startedAtMs === null) return unknown;
  const told = job.progress?.['trials_per_s'];
  const elapsedS = (nowMs() - job.startedAtMs) / 1000;
  const perS = typeof told === 'number' && told > 0 ? told : completed / elapsedS;
  if (!Number.isFinite(perS) || perS <= 0) return unknown;
  if (total === null) return { ...unknown, trials_per_s: perS };
  const leftS = Math.max(0, total - completed) / perS;
  return {
    trials_per_s: perS,
    estimated_seconds_left: leftS,
    estimated_completion: new Date(nowMs() + Math.min(leftS, 1e9) * 1000).toISOString(),
  };
}

async function findStudy({ studies }: ServerRoom, job: Job): Promise<Study | undefined> {
  return studies.findStudy(job.studyId ?? job.id);
}

function toLead({ definition }: Study): Lead {
  const asked = definition.spec['leading_period'];
  const period = definition.periods.find((each) => each === asked) ?? definition.periods[0] ?? 'all';
  return { objective: definition.objectives[0] ?? '', period };
}

function bestFirst({ objective, period }: Lead, acceptedOnly: boolean): TrialQuery {
  return { states: ['complete'], acceptedOnly, sort: { key: { kind: 'objective', name: objective, period }, direction: 'desc' } };
}

function valueOf(trial: TrialRecord, { objective, period }: Lead): number | null {
  return trial.figures.find((each) => each.period === period)?.objectives[objective] ?? null;
}

/** Of the accepted trials; of all complete ones as long as none is accepted. */
async function findBest({ studies }: ServerRoom, study: Study): Promise<BestTrial | null> {
  const lead = toLead(study);
  for (const acceptedOnly of [true, false]) {
    const { items } = await studies.listTrials(study.id, { ...bestFirst(lead, acceptedOnly), limit: 1 });
    const [trial] = items;
    const value = trial === undefined ? null : valueOf(trial, lead);
    if (trial !== undefined && value !== null)
      return { number: trial.number, params: { ...trial.params }, objective: lead.objective, value };
  }
  return null;
}

const ANALYSED = 1_000;

export async function analyseBatch(
  room: ServerRoom,
  job: Job,
  page: { readonly offset: number; readonly limit: number },
): Promise<BatchResults> {
  const study = await findStudy(room, job);
  if (study === undefined) return toEmpty(job, page);
  const lead = toLead(study);
  const { studies } = room;
  const [accepted, complete, top, best] = await Promise.all([
    studies.listTrials(study.id, { ...bestFirst(lead, true), ...page }),
    studies.listTrials(study.id, { states: ['complete'], limit: 1 }),
    studies.listTrials(study.id, { ...bestFirst(lead, true), limit: ANALYSED }),
    findBest(room, study),
  ]);
  const bestTrial = best === null ? undefined : await studies.findTrial(study.id, best.number);
  return {
    batch_id: job.id,
    status: job.state,
    objective: lead.objective,
    period: lead.period,
    accepted: { items: accepted.items.map(toTrialView), total: accepted.total, ...page },
    best,
    best_figures: bestTrial === undefined ? [] : toTrialView(bestTrial).figures,
    rejected: complete.total - accepted.total,
    failed: study.trialsFailed,
    parameter_analysis: analyseParameters(top.items, lead),
    analysed_trials: top.items.length,
  };
}

/** Before the first trial: nothing is known, and nothing is made up. */
function toEmpty(job: Job, page: { readonly offset: number; readonly limit: number }): BatchResults {
  const objective = job.request['objective'];
  return {
    batch_id: job.id,
    status: job.state,
    objective: typeof objective === 'string' ? objective : '',
    period: 'all',
    accepted: { items: [], total: 0, ...page },
    best: null,
    best_figures: [],
    rejected: 0,
    failed: 0,
    parameter_analysis: [],
    analysed_trials: 0,
  };
}

interface Group {
  readonly value: ParameterValue;
  trials: number;
  sum: number;
  best: number;
}

/** Mean and best of the objective for each value of each parameter; parameters with more values than can be read at a glance are left out. */
function analyseParameters(trials: readonly TrialRecord[], lead: Lead): BatchResults['parameter_analysis'] {
  const groups = new Map<string, Map<ParameterValue, Group>>();
  for (const trial of trials) {
    const figure = valueOf(trial, lead);
    if (figure === null) continue;
    for (const [parameter, value] of Object.entries(trial.params)) {
      const byValue = groups.get(parameter) ?? new Map<ParameterValue, Group>();
      groups.set(parameter, byValue);
      const group = byValue.get(value) ?? { value, trials: 0, sum: 0, best: -Infinity };
      byValue.set(value, group);
      group.trials += 1;
      group.sum += figure;
      group.best = Math.max(group.best, figure);
    }
  }
  return [...groups]
    .filter(([, byValue]) => byValue.size <= 200)
    .map(([parameter, byValue]) => ({
      parameter,
      values: [...byValue.values()]
        .sort(compareValues)
        .map(({ value, trials: count, sum, best }) => ({ value, trials: count, mean: sum / count, best })),
    }));
}

function compareValues(left: Group, right: Group): number {
  if (typeof left.value === 'number' && typeof right.value === 'number') return left.value - right.value;
  return String(left.value) < String(right.value) ? -1 : 1;
}

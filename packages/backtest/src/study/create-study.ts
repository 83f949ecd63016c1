/** A plan from a study file becomes a study in the store: data sliced once, everything that decides a trial written down. */
import type { MarketDataCatalogue, Parameter, Period, Study, StudyDefinition, StudyStore } from '@quantbot/core';
import { z } from 'zod';
import { prepareSlice } from '../slice/prepare-slice.ts';
import type { StudyPlan } from '../study-file/read-study-file.ts';
import { chooseCalls } from '../v1-baseline/choose-calls.ts';
import { defineCandleData, type CandleStudy } from './candle-study.ts';
import { STUDY_SPEC_VERSION, type StudySpec } from './study-spec.ts';

export interface PlanStudyRoom {
  readonly catalogue: MarketDataCatalogue;
  readonly slicesDir: string;
}

export interface CreateStudyRoom extends PlanStudyRoom {
  readonly store: StudyStore;
  readonly nowMs: () => number;
}

/** What the command decides on top of the file. */
export interface StudyRequest {
  readonly id: string;
  readonly plan: StudyPlan;
  readonly seed: number;
  readonly trials: number | null;
  /** One of the plan's; default: `all` if it is among them, else the first. */
  readonly leadingPeriod?: Period | undefined;
  /** Unix milliseconds, half-open. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  /** Of a strategy on candles. */
  readonly candles?: CandleStudy | undefined;
  /** Absolute paths of Python files that register strategies. */
  readonly strategyFiles: readonly string[];
  readonly provenance: StudySpec['provenance'];
}

/** What a model-based sampler suggests before it sees results: a constant, so that results do not depend on the number of workers. */
const MODEL_BLOCK = 16;
const DEFAULT_HOLD_HRS = 48;

export async function createStudy(room: CreateStudyRoom, request: StudyRequest): Promise<Study> {
  const definition = await defineStudy(room, request);
  return room.store.createStudy({ id: request.id, name: request.plan.name, createdAtMs: room.nowMs(), definition });
}

/** What the study will be; the slice is on disk afterwards, nothing else is. */
export async function defineStudy(room: PlanStudyRoom, request: StudyRequest): Promise<StudyDefinition> {
  const { plan } = request;
  const spec: StudySpec = {
    version: STUDY_SPEC_VERSION,
    ...(await defineData(room, request)),
    space: plan.space,
    sampler: plan.sampler,
    periods: [...plan.periods],
    leading_period: request.leadingPeriod ?? (plan.periods.includes('all') ? 'all' : (plan.periods[0] ?? 'all')),
    result_constraints: [...plan.resultConstraints],
    success_criteria: plan.successCriteria,
    equity_floor: plan.equityFloor,
    provenance: request.provenance,
  };
  return {
    strategy: plan.strategy.name,
    objectives: plan.objectives,
    periods: plan.periods,
    budget: request.trials,
    seed: request.seed,
    // A generation must be complete before the next one is suggested.
    blockSize: Math.min(MODEL_BLOCK, plan.sampler.population_size),
    spec,
  };
}

async function defineData(room: PlanStudyRoom, request: StudyRequest): Promise<Pick<StudySpec, 'strategy' | 'slice_id' | 'range'>> {
  const { plan, candles, strategyFiles } = request;
  if (candles !== undefined) return defineCandleData(room, candles, request);
  return {
    strategy: { name: plan.strategy.name, config: toConfig(plan), files: [...strategyFiles] },
    slice_id: plan.usesCalls ? await createSlice(room, request) : null,
    range: null,
  };
}

const ConfigSchema = z.record(z.string(), z.json());

function toConfig(plan: StudyPlan): StudySpec['strategy']['config'] {
  const own = plan.strategy.config ?? {};
  return Object.keys(plan.simulatorConfig).length === 0 ? own : ConfigSchema.parse({ ...own, simulator_config: plan.simulatorConfig });
}

async function createSlice(room: PlanStudyRoom, { plan, fromMs, toMs }: StudyRequest): Promise<string> {
  const calls = await chooseCalls(room.catalogue, { fromMs, toMs, callerGroups: plan.data.caller_groups ?? [] });
  const { slice } = await prepareSlice(room, {
    calls,
    interval: plan.data.interval,
    maxHoldHrs: toLongestHold(plan),
    allowPartial: plan.data.allow_partial ?? true,
    minCalls: 1,
  });
  return slice.id;
}

/** The slice must reach as far as the longest holding time that any trial may have. */
function toLongestHold({ space, strategy, data }: StudyPlan): number {
  const parameter = space.parameters.find(({ name }) => name === 'max_hold_hrs');
  if (parameter !== undefined) return toHighest(parameter);
  const fixed = strategy.config?.['max_hold_hrs'];
  return typeof fixed === 'number' ? fixed : (data.max_hold_hrs ?? DEFAULT_HOLD_HRS);
}

function toHighest(parameter: Parameter): number {
  switch (parameter.kind) {
    case 'float':
    case 'int':
      return parameter.high;
    case 'range':
      return parameter.start + parameter.step * (parameter.count - 1);
    case 'categorical':
      return Math.max(...parameter.values.filter((value) => typeof value === 'number'));
  }
}

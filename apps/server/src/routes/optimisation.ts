/** Searches as the predecessors submit and follow them. A batch is a job, and its study has the same id. */
import {
  AppError,
  type OPTIMISATION_ROUTES,
  type OptimizeBody,
  type RunParallelBody,
  toJobView,
  type WalkForwardBody,
} from '@quantbot/core';
import { readContainedText } from '../files/contained-file.ts';
import type { Handlers } from '../http/register-route.ts';
import { cancelJob } from '../results/job-actions.ts';
import { getJob, type Results } from '../results/read-result.ts';
import { analyseBatch, toBatch } from '../results/batch.ts';
import type { Principal, ServerRoom } from '../room.ts';
import { getStrategy, toStrategyFields } from '../submission/find-strategy.ts';
import { checkCandles, refuseTooMany } from '../submission/limits.ts';
import { outlineStudy } from '../submission/outline-study.ts';
import { submitJob } from '../submission/submit-job.ts';
import { toSymbols } from './backtests.ts';

const KINDS = ['study'] as const;
const MAX_CONFIG_BYTES = 256 * 1024;
const DEFAULT_TRIALS = 100;

type Search = OptimizeBody | WalkForwardBody;

export function createOptimisationHandlers(room: ServerRoom, results: Results): Handlers<typeof OPTIMISATION_ROUTES> {
  return {
    async optimize({ body, principal }) {
      const [start, end] = body.date_range ?? [body.start_date, body.end_date];
      const { combinations, request, title } = await checkSearch(room, body, { start, end });
      const { date_range: _range, ...rest } = request;
      const job = await submitJob(
        room,
        {
          kind: 'study',
          name: body.name ?? title,
          priority: body.priority,
          request: { form: 'optimize', ...rest, start_date: start, end_date: end },
          isStudy: true,
        },
        principal,
      );
      return { optimization_id: job.id, batch_id: job.id, study_id: job.id, status: job.state, combinations };
    },
    async walkForward({ body, principal }) {
      const { request, title } = await checkSearch(room, body, { start: body.start_date, end: body.end_date });
      const job = await submitJob(
        room,
        { kind: 'walk_forward', name: body.name ?? `${title}, walk-forward`, priority: body.priority, request },
        principal,
      );
      return { walk_forward_id: job.id, status: job.state };
    },
    async getWalkForward({ params }) {
      const job = await getJob(room.jobs, params.id, ['walk_forward']);
      const { id, status, progress, error } = toJobView(job);
      return { walk_forward_id: id, status, progress, error, result: status === 'complete' ? await results.readDocument(job) : null };
    },
    runParallel: ({ body, principal }) => submitStudyFile(room, body, principal),
    async getBatch({ params }) {
      return toBatch(room, await getJob(room.jobs, params.id, KINDS));
    },
    async getBatchResults({ params, query }) {
      return analyseBatch(room, await getJob(room.jobs, params.id, KINDS), query);
    },
    cancelBatch: ({ params, principal }) => cancelJob(room, { id: params.id, kinds: KINDS, principal }),
  };
}

type Submitted = Awaited<ReturnType<Handlers<typeof OPTIMISATION_ROUTES>['runParallel']>>;

async function submitStudyFile(room: ServerRoom, body: RunParallelBody, principal: Principal): Promise<Submitted> {
  const text = await readConfig(room, body);
  const outline = await outlineStudy(room, text, body.config_path ?? 'config');
  const trials = Math.min(body.trials ?? outline.trials ?? Infinity, outline.combinations ?? Infinity);
  refuseTooMany('trials', trials, room.settings.max_combinations);
  const { max_concurrent: maxConcurrent, seed, name, priority } = body;
  const request = {
    form: 'file',
    config_yaml: text,
    max_concurrent: maxConcurrent,
    trials: body.trials,
    seed,
    expected_trials: trials,
  };
  const job = await submitJob(room, { kind: 'study', name: name ?? outline.name, priority, request, isStudy: true }, principal);
  return { batch_id: job.id, study_id: job.id, status: job.state, combinations: outline.combinations };
}

interface CheckedSearch {
  readonly combinations: number | null;
  readonly request: Omit<Search, 'name' | 'priority' | 'symbol' | 'symbols'> & {
    readonly symbols: readonly string[];
    readonly strategy_file: string;
    readonly strategy_source_hash: string;
    readonly expected_trials: number;
    readonly date_range?: unknown;
  };
  readonly title: string;
}

async function checkSearch(
  room: ServerRoom,
  body: Search,
  { start, end }: { start: string | undefined; end: string | undefined },
): Promise<CheckedSearch> {
  const combinations = countCombinations(body.optimize_params);
  if (body.sampler === 'grid' && combinations === null) {
    throw new AppError(
      'INVALID_REQUEST',
      'the sampler grid needs values or a step for every parameter; give them, or choose another sampler such as bayesian',
    );
  }
  const trials = Math.min(body.trials ?? (body.sampler === 'grid' ? Infinity : DEFAULT_TRIALS), combinations ?? Infinity);
  refuseTooMany('combinations', trials, room.settings.max_combinations);
  const names = Object.keys(body.optimize_params).map((parameter) => [parameter, 0]);
  const strategy = await getStrategy(room, body.strategy_name, Object.fromEntries(names) as Record<string, number>);
  const symbols = toSymbols(body);
  await checkCandles(room, { symbols, timeframe: body.timeframe, start, end });
  const { name: _name, priority: _priority, symbol: _symbol, ...rest } = body;
  return {
    combinations,
    request: { ...rest, symbols, ...toStrategyFields(strategy), expected_trials: trials },
    title: `${body.strategy_name} ${symbols[0] ?? ''} ${body.timeframe}`,
  };
}

/** null: infinitely many. */
function countCombinations(space: Search['optimize_params']): number | null {
  let product = 1;
  for (const [name, axis] of Object.entries(space)) {
    if (Array.isArray(axis)) product *= axis.length;
    else {
      if (axis.low > axis.high)
        throw new AppError('INVALID_REQUEST', `optimize_params.${name}: expected low up to high, found ${axis.low} and ${axis.high}`);
      if (axis.step === undefined) return null;
      product *= Math.floor((axis.high - axis.low) / axis.step + 1e-9) + 1;
    }
  }
  return Math.min(product, Number.MAX_SAFE_INTEGER);
}

const STUDY_FILE = /\.(?:ya?ml|json)$/;

/** The text of the study file. Other files of the workspace are not looked into: complaints about them would tell what they hold. */
async function readConfig({ folders }: ServerRoom, body: RunParallelBody): Promise<string> {
  if (body.config_yaml !== undefined) return body.config_yaml;
  // JSON is YAML.
  if (body.config !== undefined) return JSON.stringify(body.config, null, 1);
  const path = body.config_path ?? '';
  try {
    if (!STUDY_FILE.test(path)) throw new AppError('NOT_FOUND', 'no study file');
    return (await readContainedText(folders.root, path.split('/'), MAX_CONFIG_BYTES)).text;
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error;
    throw new AppError(
      'FILE_NOT_FOUND',
      'config_path: the workspace has no such file; expected a path such as configs/study.yaml, relative to its folder',
      { cause: error },
    );
  }
}

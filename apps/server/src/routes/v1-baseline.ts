/** V1 baseline runs over the calls of the catalogue. */
import { AppError, toJobView, toTimeMs, V1BaselineGridSchema, type RunV1Baseline, type V1_BASELINE_ROUTES } from '@quantbot/core';
import type { Handlers } from '../http/register-route.ts';
import { toJobFilter } from '../results/job-actions.ts';
import { getCompleteJob, type Results } from '../results/read-result.ts';
import type { ServerRoom } from '../room.ts';
import { refuseTooMany } from '../submission/limits.ts';
import { submitJob } from '../submission/submit-job.ts';

const KINDS = ['v1_baseline'] as const;

export function createV1BaselineHandlers(room: ServerRoom, results: Results): Handlers<typeof V1_BASELINE_ROUTES> {
  return {
    async runV1Baseline({ body, principal }) {
      const combinations = countCombinations(body);
      refuseTooMany('combinations', combinations, room.settings.max_combinations);
      await checkCalls(room, body);
      const { name, priority, ...request } = body;
      const job = await submitJob(room, { kind: 'v1_baseline', name: name ?? `V1 baseline ${body.mode}`, priority, request }, principal);
      return { run_id: job.id, status: job.state, combinations };
    },
    async listV1BaselineRuns({ query }) {
      const { items, total } = await room.jobs.listJobs({ ...toJobFilter(query), kinds: KINDS });
      return { items: items.map(toJobView), total, offset: query.offset, limit: query.limit };
    },
    async getV1BaselineResult({ params }) {
      return results.readDocument(await getCompleteJob(room.jobs, params.id, KINDS));
    },
  };
}

/** Of the grid that is asked for; axes that are left out are counted with their defaults. */
function countCombinations({ param_grid: grid = {} }: RunV1Baseline): number {
  const written = Object.fromEntries(Object.entries(grid).filter(([, axis]) => axis !== undefined));
  return Object.values(V1BaselineGridSchema.parse(written)).reduce((product, axis) => product * (axis?.length ?? 1), 1);
}

async function checkCalls(room: ServerRoom, { from, to }: RunV1Baseline): Promise<void> {
  const fromMs = from === undefined ? -Infinity : toTimeMs(from, 'from');
  const toMs = to === undefined ? Infinity : toTimeMs(to, 'to');
  if (fromMs >= toMs)
    throw new AppError('INVALID_REQUEST', `expected a range that ends after it begins, found ${from ?? ''} to ${to ?? ''}`);
  const range = await room.catalogue.findCallRange();
  if (range !== undefined && range.lastMs >= fromMs && range.firstMs < toMs) return;
  throw new AppError('NO_CALLS', 'the catalogue has no calls in this range; import some, or see GET /api/data/calls');
}

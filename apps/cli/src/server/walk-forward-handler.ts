/** Jobs of the kind `walk_forward`: the same analysis as `quantbot walk-forward`; its searches are studies, so it goes on where it was. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  findDataRange,
  listSourceFiles,
  probeSpace,
  runWalkForward,
  toWalkForwardDocument,
  type Duration,
  type WalkForwardProgress,
  type WalkForwardRequest,
  type WindowRules,
} from '@quantbot/backtest';
import { AppError } from '@quantbot/core';
import type { JobHandler, JobWork } from '@quantbot/server';
import { toProvenance } from '../studies/provenance.ts';
import type { HandlerRoom } from './handler-room.ts';
import { toSearchPlan, toStudyText, WalkForwardRequestSchema } from './search-plan.ts';
import { DEFAULT_TRIALS, toRunRoom } from './study-handler.ts';

export function createWalkForwardHandler(room: HandlerRoom): JobHandler {
  return async (work) => {
    const { job, abort, drain, report } = work;
    const request = await toRequest(room, work);
    const onProgress = (progress: WalkForwardProgress): void => {
      report(toProgress(progress));
    };
    const outcome = await runWalkForward({ ...toRunRoom(room, job), catalogue: room.catalogue, drain, abort, onProgress }, request);
    if (outcome === undefined) return undefined;
    const document = toWalkForwardDocument(outcome);
    await writeResult(join(room.workspace.runsDir, job.id), document);
    const { windows, stitched } = document;
    return { run: job.id, windows, stitched: withoutColumns(stitched) };
  };
}

/** The seed must not change when the job goes on after a restart. */
const SEED_OF_JOBS = 1;

async function toRequest(room: HandlerRoom, { job, drain }: JobWork): Promise<WalkForwardRequest> {
  const { context, workspace, catalogue, engine } = room;
  const written = WalkForwardRequestSchema.parse(job.request);
  const { plan, candles, fromMs, toMs } = await toSearchPlan(room, toStudyText(written), { name: job.name, drain });
  if (candles === undefined) throw new AppError('INVALID_STUDY', `expected a strategy on candles, found ${plan.strategy.name}`);
  const whole = await findDataRange(catalogue, candles.symbols, candles.intervalS);
  const seed = written.seed ?? SEED_OF_JOBS;
  const { objectives, space, sampler } = plan;
  const probe = await probeSpace(engine, { objectives, seed, spec: { space, sampler }, count: 1 }, { signal: drain });
  const strategyFiles = listSourceFiles(candles.strategy.reference);
  return {
    id: job.id,
    name: job.name,
    candles,
    plan,
    windows: toWindowRules(written, { fromMs: fromMs ?? whole.fromMs, toMs: toMs ?? whole.toMs }),
    trials: plan.trials ?? (sampler.name === 'grid' ? null : DEFAULT_TRIALS),
    seed,
    periods: ['all'],
    provenance: await toProvenance(context, { workspace, probe, strategyFiles, strategy: candles.strategy }),
  };
}

type Written = ReturnType<typeof WalkForwardRequestSchema.parse>;

function toWindowRules(written: Written, range: Pick<WindowRules, 'fromMs' | 'toMs'>): WindowRules {
  const { window_size_months: train, test_size_months: test = train, anchored } = written;
  return { ...range, train: toDuration(train), test: toDuration(test), mode: anchored ? 'anchored' : 'rolling' };
}

const DAY_MS = 86_400_000;
const DAYS_PER_MONTH = 365.25 / 12;

/** Whole months are calendar months; what is left over is counted in days of an average one. */
function toDuration(months: number): Duration {
  const whole = Math.floor(months);
  return { months: whole, ms: Math.round((months - whole) * DAYS_PER_MONTH) * DAY_MS };
}

function toProgress({ window, windows, trials, trialsWanted }: WalkForwardProgress): Readonly<Record<string, unknown>> {
  const share = trialsWanted === null ? 0 : Math.min(1, trials / trialsWanted);
  return { window, windows, trials, progress_pct: (100 * (window - 1 + share)) / windows };
}

async function writeResult(dir: string, document: unknown): Promise<void> {
  await mkdir(dir, { recursive: true });
  const staging = join(dir, 'walk-forward.json.part');
  await writeFile(staging, `${JSON.stringify(document, null, 2)}\n`);
  await rename(staging, join(dir, 'walk-forward.json'));
}

/** The store keeps figures; curves and trades lie in the file. */
function withoutColumns(stitched: unknown): unknown {
  if (typeof stitched !== 'object' || stitched === null) return stitched;
  return Object.fromEntries(Object.entries(stitched).filter(([name]) => name !== 'curve' && name !== 'trades'));
}

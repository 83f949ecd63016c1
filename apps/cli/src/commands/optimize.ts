/** `quantbot optimize`: a study from its file, recorded trial by trial, in parallel, to be stopped and resumed at any time. */
import { dirname, resolve } from 'node:path';
import {
  createStudy,
  listSourceFiles,
  probeSpace,
  readStudyFile,
  type CandleStudy,
  type SpaceProbe,
  type StudyPlan,
  type StudyRequest,
} from '@quantbot/backtest';
import { AppError, type Study } from '@quantbot/core';
import { openCatalogue } from '@quantbot/storage';
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { runStudyThere } from '../remote/run-study.ts';
import { addServerFlags, findServer, type ServerFlags } from '../remote/server.ts';
import { prepareCandleStudy } from '../studies/candle-study.ts';
import { toProvenance } from '../studies/provenance.ts';
import { removeRunFolder } from '../studies/run-report.ts';
import { runStudyHere } from '../studies/run-study.ts';
import { withStudyEngine, type StudyEngineRoom } from '../studies/study-engine.ts';
import { createSeed, createStudyId } from '../studies/study-id.ts';
import { withStudyStore, type StudyRoom } from '../studies/study-store.ts';
import { parseTime } from '../terminal/parse-flags.ts';
import { createCommand } from './command.ts';
import {
  addRunFlags,
  addStudyFlags,
  applyStudyFlags,
  toRunSettings,
  type ChosenPlan,
  type RunFlags,
  type StudyFlags,
} from './optimize-flags.ts';
import { runDryRun } from './optimize-dry-run.ts';
import { resumeStudy } from './studies-resume.ts';
import { showStudy } from './studies-show.ts';
import { watchStudy } from './studies-watch.ts';

interface OptimizeFlags extends RunFlags, StudyFlags, ServerFlags {
  readonly config?: string;
  readonly resumeFrom?: string;
  readonly monitor?: string;
  readonly status?: string;
  readonly dryRun?: boolean;
}

export function createOptimizeCommand(context: CliContext): Command {
  const command = createCommand('optimize', 'Search for the best parameters of a strategy, in parallel, and remember every trial', [
    'quantbot optimize --config study.yaml --sampler random --trials 500 --seed 7 --max-workers 2',
    'quantbot optimize --config study.yaml --dry-run',
    'quantbot optimize --config study.yaml --server http://127.0.0.1:3001',
  ]).option('--config <file>', 'the study file: strategy, parameters, sampler, objectives (docs/how-to-optimise.md)');
  return addServerFlags(addRunFlags(addStudyFlags(command)))
    .option('--dry-run', 'size of the space, time and memory from three pilot trials; records nothing')
    .option('--resume-from <study>', 'go on with a study: its id or its run folder; the same as `studies resume`')
    .option('--monitor <id>', 'follow a study that runs; the same as `studies watch`')
    .option('--status <id>', 'show a study; the same as `studies show`')
    .action(async (flags: OptimizeFlags) => {
      await dispatch(context, flags);
    });
}

const STARTS = ['config', 'resumeFrom', 'monitor', 'status'] as const;
const STUDY_FLAGS = ['sampler', 'trials', 'seed', 'objectives', 'stage', 'stages', 'name', 'dryRun'] as const;

async function dispatch(context: CliContext, flags: OptimizeFlags): Promise<void> {
  const given = STARTS.filter((name) => flags[name] !== undefined);
  if (given.length !== 1) {
    throw new AppError('USAGE', 'expected one of --config FILE, --resume-from STUDY, --monitor ID and --status ID; --help has examples');
  }
  if (flags.config !== undefined) {
    const client = await findServer(context, flags);
    if (client === undefined) await startStudy(context, flags, flags.config);
    else await runStudyThere({ context, flags, client }, flags.config);
    return;
  }
  const fixed = STUDY_FLAGS.find((name) => flags[name] !== undefined);
  if (fixed !== undefined) throw new AppError('USAGE', `--${toFlag(fixed)} goes with --config: a study never changes once it is created`);
  if (flags.resumeFrom !== undefined) await resumeHere(context, flags, flags.resumeFrom);
  else if (flags.monitor !== undefined) await watchStudy(context, flags, flags.monitor);
  else await showStudy(context, flags, flags.status ?? '');
}

async function resumeHere(context: CliContext, flags: OptimizeFlags, study: string): Promise<void> {
  if ((await findServer(context, flags)) !== undefined)
    throw new AppError('USAGE', '--resume-from does not go with a server: it goes on with its studies by itself');
  await resumeStudy(context, flags, study);
}

function toFlag(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

async function startStudy(context: CliContext, flags: OptimizeFlags, config: string): Promise<void> {
  const file = resolve(context.cwd, config);
  const settings = toRunSettings(flags);
  const { plan: written, leadingPeriod } = applyStudyFlags(await readStudyFile(file), flags);
  await withStudyStore(context, flags, async (room) => {
    await withStudyEngine({ context, flags, settings }, async (engineRoom) => {
      engineRoom.progress.stage('Checking the search space');
      const { plan, candles } = await prepareCandleStudy({ workspace: room.workspace, engineRoom, file }, written);
      const seed = plan.seed ?? createSeed();
      const { objectives, space, sampler } = plan;
      const count = flags.dryRun === true ? PILOT_TRIALS : 1;
      const probe = await probeSpace(
        engineRoom.engine,
        { objectives, seed, spec: { space, sampler }, count },
        { signal: engineRoom.interrupt.drain },
      );
      const request = toRequest({ context, plan, leadingPeriod, candles, file, seed });
      if (flags.dryRun === true) {
        await runDryRun({ context, settings, workspace: room.workspace, engineRoom, probe, isJson: flags.json === true }, request);
        return;
      }
      if (plan.seed === undefined) engineRoom.say(`Seed ${String(seed)} (chosen for you; --seed ${String(seed)} repeats this study)`);
      const study = await recordStudy({ context, room, engineRoom, probe }, request);
      await runOrForget({ room, study }, () => runStudyHere({ context, flags, settings, room, engineRoom, probe }, study));
    });
  });
}

const PILOT_TRIALS = 3;
/** For samplers that never come to an end by themselves. */
const DEFAULT_TRIALS = 100;

interface RequestRoom {
  readonly context: CliContext;
  readonly plan: StudyPlan;
  readonly leadingPeriod: ChosenPlan['leadingPeriod'];
  readonly candles: CandleStudy | undefined;
  readonly file: string;
  readonly seed: number;
}

type UnprovenRequest = Omit<StudyRequest, 'provenance'>;

function toRequest({ context, plan, leadingPeriod, candles, file, seed }: RequestRoom): UnprovenRequest {
  const toMs = (bound: 'from' | 'to'): number | undefined => {
    const text = plan.data[bound];
    return text === undefined ? undefined : parseTime(`data.${bound}`, text, bound);
  };
  return {
    id: createStudyId(context.nowMs()),
    plan,
    seed,
    trials: plan.trials ?? (plan.sampler.name === 'grid' ? null : DEFAULT_TRIALS),
    leadingPeriod,
    fromMs: toMs('from'),
    toMs: toMs('to'),
    candles,
    strategyFiles: (plan.strategy.files ?? []).map((path) => resolve(dirname(file), path)),
  };
}

interface RecordRoom {
  readonly context: CliContext;
  readonly room: StudyRoom;
  readonly engineRoom: StudyEngineRoom;
  readonly probe: SpaceProbe;
}

async function recordStudy({ context, room, engineRoom, probe }: RecordRoom, request: UnprovenRequest): Promise<Study> {
  const { workspace, store } = room;
  const { candles, strategyFiles } = request;
  const sources = candles === undefined ? strategyFiles : listSourceFiles(candles.strategy.reference);
  const provenance = await toProvenance(context, { workspace, probe, strategyFiles: sources, strategy: candles?.strategy });
  engineRoom.progress.stage(candles === undefined ? 'Choosing calls and candles' : 'Cutting candles');
  const catalogue = await openCatalogue(workspace.dataDir);
  try {
    return await createStudy({ store, catalogue, slicesDir: workspace.slicesDir, nowMs: context.nowMs }, { ...request, provenance });
  } finally {
    await catalogue.close();
  }
}

/** A study that its strategy refuses before the first trial is a mistake in the file, not a result. */
async function runOrForget({ room, study }: { room: StudyRoom; study: Study }, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const isRefused = error instanceof AppError && (error.code === 'INVALID_STUDY' || error.code === 'INVALID_STRATEGY');
    const found = isRefused ? await room.store.findStudy(study.id) : undefined;
    if (found?.trialsRecorded === 0) {
      await removeRunFolder(room, study.id);
      await room.store.deleteStudy(study.id, Number.MAX_SAFE_INTEGER, 0);
    }
    throw error;
  }
}

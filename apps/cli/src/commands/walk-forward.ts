/** `quantbot walk-forward`: what searching again and again would have earned on the data after each search. */
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import {
  findDataRange,
  listSourceFiles,
  parseDuration,
  probeSpace,
  readStudyFile,
  renderWalkForwardTables,
  runWalkForward,
  toOwner,
  toWalkForwardDocument,
  type CandleStudy,
  type StudyPlan,
  type TimeSpan,
  type WalkForwardOutcome,
  type WalkForwardRequest,
  type WindowRules,
} from '@quantbot/backtest';
import { AppError, EXIT_CODES, type MarketDataCatalogue } from '@quantbot/core';
import { openCatalogue } from '@quantbot/storage';
import type { Command } from 'commander';
import { useColor, type CliContext } from '../context.ts';
import { runWalkForwardThere } from '../remote/run-walk-forward.ts';
import { addServerFlags, findServer, type ServerFlags } from '../remote/server.ts';
import { prepareCandleStudy } from '../studies/candle-study.ts';
import { toProvenance } from '../studies/provenance.ts';
import { withStudyEngine, type RunSettings, type StudyEngineRoom } from '../studies/study-engine.ts';
import { createSeed, createStudyId } from '../studies/study-id.ts';
import { withStudyStore, type StudyRoom } from '../studies/study-store.ts';
import { parseTime } from '../terminal/parse-flags.ts';
import { toShownPath } from '../workspace/run-dir.ts';
import { createCommand } from './command.ts';
import { addRunFlags, addStudyFlags, applyStudyFlags, toRunSettings, type RunFlags, type StudyFlags } from './optimize-flags.ts';

interface WalkForwardFlags extends RunFlags, StudyFlags, ServerFlags {
  readonly config: string;
  readonly train: string;
  readonly test: string;
  readonly step?: string;
  readonly gap?: string;
  readonly anchored?: boolean;
  readonly id?: string;
  readonly attach?: string;
}

export function createWalkForwardCommand(context: CliContext): Command {
  const command = createCommand('walk-forward', 'Search one stretch of time, test what was best on the next, move on', [
    'quantbot walk-forward --config study.yaml --train 6mo --test 2mo',
    'quantbot walk-forward --config study.yaml --train 1y --test 90d --anchored --trials 200 --seed 7',
    'quantbot walk-forward --config study.yaml --train 6mo --test 2mo --json > walk-forward.json',
  ])
    .requiredOption('--config <file>', 'a study file of a strategy on candles (docs/how-to-optimise.md)')
    .requiredOption('--train <length>', 'length of each search: 90d, 12w, 6mo, 1y')
    .requiredOption('--test <length>', 'length of the test after it')
    .option('--step <length>', 'from one window to the next (default: the length of the test)')
    .option('--gap <length>', 'left out between search and test (default: nothing)')
    .option('--anchored', 'every search begins where the data begin, and grows')
    .option('--id <id>', 'go on with an analysis that was stopped; all other flags as before');
  return addServerFlags(addRunFlags(addStudyFlags(command)))
    .option('--attach <id>', 'follow an analysis that a server makes already, and print it')
    .action(async (flags: WalkForwardFlags) => {
      const client = await findServer(context, flags);
      if (client !== undefined) await runWalkForwardThere({ context, flags, client });
      else if (flags.attach === undefined) await runCommand(context, flags);
      else throw new AppError('USAGE', '--attach goes with --server URL or QUANTBOT_SERVER');
    });
}

interface Rooms {
  readonly context: CliContext;
  readonly flags: WalkForwardFlags;
  readonly settings: RunSettings;
  readonly room: StudyRoom;
  readonly engineRoom: StudyEngineRoom;
  readonly catalogue: MarketDataCatalogue;
}

async function runCommand(context: CliContext, flags: WalkForwardFlags): Promise<void> {
  const settings = toRunSettings(flags);
  await withStudyStore(context, flags, (room) =>
    withStudyEngine({ context, flags, settings }, async (engineRoom) => {
      const catalogue = await openCatalogue(room.workspace.dataDir);
      try {
        await analyse({ context, flags, settings, room, engineRoom, catalogue });
      } finally {
        await catalogue.close();
      }
    }),
  );
}

async function analyse(rooms: Rooms): Promise<void> {
  const { context, flags, settings, room, engineRoom, catalogue } = rooms;
  const { interrupt, progress, say } = engineRoom;
  const request = await toRequest(rooms);
  if (flags.id === undefined) say(`Walk-forward ${request.id}, seed ${String(request.seed)}`);
  const outcome = await runWalkForward(
    {
      store: room.store,
      catalogue,
      engine: engineRoom.engine,
      slicesDir: room.workspace.slicesDir,
      maxWorkers: settings.maxWorkers,
      trialTimeoutMs: settings.trialTimeoutMs,
      owner: toOwner(hostname(), process.pid),
      nowMs: context.nowMs,
      drain: interrupt.drain,
      abort: interrupt.abort,
      onProgress: ({ window, windows, trials, trialsWanted }) => {
        const share = trialsWanted === null ? 0 : Math.min(1, trials / trialsWanted);
        progress.report((window - 1 + share) / windows, `window ${String(window)} of ${String(windows)}, ${String(trials)} trials`);
      },
    },
    request,
  );
  progress.finish();
  if (outcome === undefined) {
    say(`Stopped. Go on with the same command and --id ${request.id} --seed ${String(request.seed)}`);
    context.setExitCode(interrupt.exitCode() ?? EXIT_CODES.interrupted);
    return;
  }
  await present(rooms, outcome);
}

async function toRequest({ context, flags, room, engineRoom, catalogue }: Rooms): Promise<WalkForwardRequest> {
  const file = resolve(context.cwd, flags.config);
  const { plan: written } = applyStudyFlags(await readStudyFile(file), flags);
  const { plan, candles } = await prepareCandleStudy({ workspace: room.workspace, engineRoom, file }, written);
  if (candles === undefined) {
    throw new AppError('INVALID_STUDY', `${file}: expected a strategy on candles, with data.symbol; ${plan.strategy.name} trades calls`);
  }
  const seed = plan.seed ?? createSeed();
  const { objectives, space, sampler } = plan;
  const probe = await probeSpace(
    engineRoom.engine,
    { objectives, seed, spec: { space, sampler }, count: 1 },
    { signal: engineRoom.interrupt.drain },
  );
  const strategyFiles = listSourceFiles(candles.strategy.reference);
  return {
    id: flags.id ?? createStudyId(context.nowMs()),
    name: plan.name,
    candles,
    plan,
    windows: toWindowRules(flags, await findRange(catalogue, plan, candles)),
    trials: plan.trials ?? (plan.sampler.name === 'grid' ? null : DEFAULT_TRIALS),
    seed,
    periods: plan.periods,
    provenance: await toProvenance(context, { workspace: room.workspace, probe, strategyFiles, strategy: candles.strategy }),
  };
}

/** For samplers that never come to an end by themselves. */
const DEFAULT_TRIALS = 100;

async function findRange(catalogue: MarketDataCatalogue, { data }: StudyPlan, { symbols, intervalS }: CandleStudy): Promise<TimeSpan> {
  const whole = await findDataRange(catalogue, symbols, intervalS);
  return {
    fromMs: data.from === undefined ? whole.fromMs : parseTime('data.from', data.from, 'from'),
    toMs: data.to === undefined ? whole.toMs : parseTime('data.to', data.to, 'to'),
  };
}

function toWindowRules(flags: WalkForwardFlags, range: TimeSpan): WindowRules {
  return {
    ...range,
    train: parseDuration('--train', flags.train),
    test: parseDuration('--test', flags.test),
    ...(flags.step !== undefined && { step: parseDuration('--step', flags.step) }),
    ...(flags.gap !== undefined && { gap: parseDuration('--gap', flags.gap) }),
    mode: flags.anchored === true ? 'anchored' : 'rolling',
  };
}

async function present({ context, flags, room, engineRoom, settings }: Rooms, outcome: WalkForwardOutcome): Promise<void> {
  const document = `${JSON.stringify(toWalkForwardDocument(outcome), null, 2)}\n`;
  if (flags.json === true) context.stdout.write(document);
  else {
    const { stdout } = context;
    stdout.write(renderWalkForwardTables(outcome, { width: stdout.isTTY ? stdout.columns : 100, color: useColor(context, flags, stdout) }));
  }
  if (!settings.writesReport) return;
  const dir = join(room.workspace.runsDir, outcome.request.id);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'walk-forward.json'), document);
  engineRoom.say(`\nResult: ${toShownPath(context, join(dir, 'walk-forward.json'))}`);
}

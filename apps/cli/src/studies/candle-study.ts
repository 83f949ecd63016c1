/** `optimize` on a strategy on candles: finds the strategy, asks the engine whether it can be used, and completes the plan. */
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  completePlan,
  describeStrategy,
  loadStrategy,
  type CandleStudy,
  type LoadedStrategy,
  type PythonEngine,
  type StudyPlan,
} from '@quantbot/backtest';
import { openCatalogue } from '@quantbot/storage';
import { chooseIntervalS } from '../commands/backtest-run-request.ts';
import { readConfig } from '../workspace/config.ts';
import type { Workspace } from '../workspace/workspace.ts';

export interface CandleStudyRoom {
  readonly workspace: Workspace;
  readonly engineRoom: { readonly engine: PythonEngine; readonly interrupt: { readonly drain: AbortSignal } };
  /** The study file, absolute. undefined: it came over the network, and only strategies of the workspace are found. */
  readonly file: string | undefined;
}

export interface ReadyPlan {
  readonly plan: StudyPlan;
  /** undefined: not a strategy on candles. */
  readonly candles: CandleStudy | undefined;
}

/** Throws STRATEGY_NOT_FOUND; INVALID_STRATEGY with the place in the strategy's file; INVALID_STUDY if file and strategy do not go together. */
export async function prepareCandleStudy(room: CandleStudyRoom, plan: StudyPlan): Promise<ReadyPlan> {
  if (plan.candles === undefined) return { plan, candles: undefined };
  const { workspace, engineRoom } = room;
  const { symbols, timeframe } = plan.candles;
  const strategy = await findStrategy(room, plan.candles.strategy);
  const complete = completePlan(plan, strategy);
  const layers = { defaults: (await readConfig(workspace.configPath)).backtest ?? {}, overrides: plan.simulation };
  await describeStrategy(engineRoom.engine, { strategy, ...layers }, { signal: engineRoom.interrupt.drain });
  return { plan: complete, candles: { strategy, symbols, intervalS: await findIntervalS(workspace, symbols, timeframe), ...layers } };
}

/** A file is looked for beside the study, in the workspace, and among its strategies. */
async function findStrategy(
  { workspace, engineRoom, file: studyFile }: CandleStudyRoom,
  asked: NonNullable<StudyPlan['candles']>['strategy'],
): Promise<LoadedStrategy> {
  const room = { strategiesDir: workspace.strategiesDir, engine: engineRoom.engine };
  if ('name' in asked) return loadStrategy(room, asked.name);
  if (studyFile === undefined) return loadStrategy(room, asked.file);
  const isBeside = await access(resolve(dirname(studyFile), asked.file)).then(
    () => true,
    () => false,
  );
  return loadStrategy({ ...room, pathsFrom: isBeside ? dirname(studyFile) : workspace.root }, asked.file);
}

async function findIntervalS({ dataDir }: Workspace, symbols: readonly string[], timeframe: string | undefined): Promise<number> {
  const catalogue = await openCatalogue(dataDir);
  try {
    return chooseIntervalS(await catalogue.listSeries(), symbols, timeframe);
  } finally {
    await catalogue.close();
  }
}

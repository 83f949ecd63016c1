/** What runs each kind of job. The folder of a job is runs/<id>, and result.json in it is what the server answers with. */
import type { PythonEngine } from '@quantbot/backtest';
import type { JobKind, MarketDataCatalogue } from '@quantbot/core';
import type { JobHandler, ServerSettings } from '@quantbot/server';
import type { Stores } from '@quantbot/storage';
import type { CliContext } from '../context.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { createBacktestHandler } from './backtest-handler.ts';
import { createStudyHandler } from './study-handler.ts';
import { createV1BaselineHandler } from './v1-baseline-handler.ts';
import { createWalkForwardHandler } from './walk-forward-handler.ts';

export interface HandlerRoom {
  readonly context: CliContext;
  readonly workspace: Workspace;
  readonly settings: ServerSettings;
  readonly stores: Stores;
  readonly catalogue: MarketDataCatalogue;
  /** Shared by all jobs: as many processes as jobs may run at a time. */
  readonly engine: PythonEngine;
  /** Most engine processes that one study may use. */
  readonly maxWorkers: number;
}

export function createJobHandlers(room: HandlerRoom): Readonly<Record<JobKind, JobHandler>> {
  return {
    backtest: createBacktestHandler(room),
    v1_baseline: createV1BaselineHandler(room),
    study: createStudyHandler(room),
    walk_forward: createWalkForwardHandler(room),
  };
}

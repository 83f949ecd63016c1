/** What the handlers of jobs work with. */
import type { PythonEngine } from '@quantbot/backtest';
import type { MarketDataCatalogue } from '@quantbot/core';
import type { ServerSettings } from '@quantbot/server';
import type { Stores } from '@quantbot/storage';
import type { CliContext } from '../context.ts';
import type { Workspace } from '../workspace/workspace.ts';

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

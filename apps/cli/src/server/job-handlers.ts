/** What runs each kind of job. The folder of a job is runs/<id>, and result.json in it is what the server answers with. */
import type { JobKind } from '@quantbot/core';
import type { JobHandler } from '@quantbot/server';
import { createBacktestHandler } from './backtest-handler.ts';
import type { HandlerRoom } from './handler-room.ts';
import { createStudyHandler } from './study-handler.ts';
import { createV1BaselineHandler } from './v1-baseline-handler.ts';
import { createWalkForwardHandler } from './walk-forward-handler.ts';

export function createJobHandlers(room: HandlerRoom): Readonly<Record<JobKind, JobHandler>> {
  return {
    backtest: createBacktestHandler(room),
    v1_baseline: createV1BaselineHandler(room),
    study: createStudyHandler(room),
    walk_forward: createWalkForwardHandler(room),
  };
}

/** What runs each kind of job. The folder of a job is runs/<id>, and result.json in it is what the server answers with. */
import { sep } from 'node:path';
import { AppError, type JobKind } from '@quantbot/core';
import type { JobHandler } from '@quantbot/server';
import { createBacktestHandler } from './backtest-handler.ts';
import type { HandlerRoom } from './handler-room.ts';
import { createStudyHandler } from './study-handler.ts';
import { createV1BaselineHandler } from './v1-baseline-handler.ts';
import { createWalkForwardHandler } from './walk-forward-handler.ts';

export function createJobHandlers(room: HandlerRoom): Readonly<Record<JobKind, JobHandler>> {
  const { root } = room.workspace;
  return {
    backtest: hidePlace(root, createBacktestHandler(room)),
    v1_baseline: hidePlace(root, createV1BaselineHandler(room)),
    study: hidePlace(root, createStudyHandler(room)),
    walk_forward: hidePlace(root, createWalkForwardHandler(room)),
  };
}

/** Why a job failed is kept and shown to callers; where the workspace lies on the disk is not theirs to know. */
function hidePlace(root: string, handler: JobHandler): JobHandler {
  return async (work) => {
    try {
      return await handler(work);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, message, details } = error;
      throw new AppError(code, message.replaceAll(`${root}${sep}`, ''), { cause: error, details });
    }
  };
}

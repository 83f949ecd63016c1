/** Jobs of the kind `v1_baseline`: the same run as `quantbot backtest v1-baseline`. */
import { join } from 'node:path';
import { runV1Baseline, writeV1BaselineReport, type V1BaselineRequest } from '@quantbot/backtest';
import {
  CapitalSimulatorConfigSchema,
  ExtremeLimitsSchema,
  RunV1BaselineSchema,
  toTimeMs,
  V1BaselineGridSchema,
  type RunV1Baseline,
} from '@quantbot/core';
import type { JobHandler } from '@quantbot/server';
import { readConfig, type WorkspaceConfig } from '../workspace/config.ts';
import { toRunProvenance } from '../workspace/run-dir.ts';
import type { HandlerRoom } from './handler-room.ts';

export function createV1BaselineHandler({ context, workspace, catalogue, engine, settings }: HandlerRoom): JobHandler {
  return async ({ job, abort, report }) => {
    const { v1_baseline: file } = await readConfig(workspace.configPath);
    const request = toRequest(RunV1BaselineSchema.parse(job.request), file ?? {}, settings.max_runtime_s * 1000);
    const run = await runV1Baseline(
      {
        catalogue,
        engine,
        slicesDir: workspace.slicesDir,
        version: context.version,
        nowMs: context.nowMs,
        onStage: (stage) => {
          report({ stage });
        },
        onProgress: ({ done, total }) => {
          report({ stage: 'search', done, total, progress_pct: total > 0 ? (100 * done) / total : null });
        },
        signal: abort,
      },
      request,
    );
    const { outcome, calls, timingsMs } = run;
    const createdAt = new Date(context.nowMs()).toISOString();
    const provenance = toRunProvenance(context, workspace, {
      createdAt,
      engineSourceHash: outcome.engine_source_hash,
      workers: 1,
      timingsMs,
    });
    await writeV1BaselineReport({ outcome, calls, provenance, dir: join(workspace.runsDir, job.id) });
    return {
      run: job.id,
      calls_used: outcome.data.calls_used,
      final_capital: outcome.grouped?.grouped_result?.final_capital ?? outcome.optimize?.best_final_capital ?? null,
    };
  };
}

/** The request wins over quantbot.yaml, which wins over the defaults. */
function toRequest(request: RunV1Baseline, file: NonNullable<WorkspaceConfig['v1_baseline']>, timeoutMs: number): V1BaselineRequest {
  return {
    mode: request.mode,
    fromMs: request.from === undefined ? undefined : toTimeMs(request.from, 'from'),
    toMs: request.to === undefined ? undefined : toTimeMs(request.to, 'to'),
    interval: request.interval,
    grid: V1BaselineGridSchema.parse({ ...file.param_grid, ...request.param_grid }),
    simulatorConfig: CapitalSimulatorConfigSchema.parse({ ...file.simulator_config, ...request.simulator_config }),
    extremeLimits: ExtremeLimitsSchema.parse({ ...file.extreme_limits, ...request.extreme_limits }),
    rankBy: request.rank_by,
    minCalls: request.min_calls,
    filterCollapsed: request.filter_collapsed,
    filterExtreme: request.filter_extreme,
    callerGroups: request.caller_groups,
    allowPartial: request.allow_partial,
    workers: undefined,
    timeoutMs,
  };
}

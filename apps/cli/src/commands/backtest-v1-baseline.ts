/** `quantbot backtest v1-baseline`: the main job from the command line. */
import { availableParallelism } from 'node:os';
import { renderV1BaselineCsv, renderV1BaselineTables, runV1Baseline, writeV1BaselineReport, type V1BaselineRun } from '@quantbot/backtest';
import type { Command } from 'commander';
import { useColor, withEngine, withWorkspace, type CliContext } from '../context.ts';
import { readConfig } from '../workspace/config.ts';
import { chooseRunDir, toRunProvenance, toShownPath } from '../workspace/run-dir.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';
import { addV1BaselineFlags, toV1BaselineRequest, type V1BaselineFlags } from './v1-baseline-flags.ts';

const STAGES = { plan: 'Planning: which calls have candles', search: 'Searching' } as const;

export function createBacktestV1BaselineCommand(context: CliContext): Command {
  const command = createCommand(
    'v1-baseline',
    'Which target, stop and holding time would have made the most of a finite capital, per caller and for callers together',
    [
      'quantbot backtest v1-baseline',
      'quantbot backtest v1-baseline --from 2024-01-01 --to 2024-01-31 --mode grouped --initial-capital 10000 --max-risk-per-trade 0.02',
      'quantbot backtest v1-baseline --tp-mults 1.2,1.5,2 --sl-mults 0.7,0.8,0.9 --max-hold-hrs 24,48 --json > result.json',
    ],
  );
  return addV1BaselineFlags(command).action(async (flags: V1BaselineFlags) => {
    await runCommand(context, flags);
  });
}

async function runCommand(context: CliContext, flags: V1BaselineFlags): Promise<void> {
  const startUpMs = performance.now();
  await withEngine(context, flags, async (room) => {
    // Python starts while the catalogue is opened and the calls are planned.
    room.engine.warmUp();
    await withWorkspace(context, flags, async ({ workspace, catalogue }) => {
      const request = toV1BaselineRequest(flags, await readConfig(workspace.configPath), context.env);
      const run = await runV1Baseline(
        {
          catalogue,
          engine: room.engine,
          slicesDir: workspace.slicesDir,
          version: context.version,
          nowMs: () => performance.now(),
          onStage: (stage) => {
            room.progress.stage(STAGES[stage]);
          },
          onProgress: (done) => {
            room.progress.update(done);
          },
          signal: room.interrupt.signal,
        },
        request,
      );
      room.progress.finish();
      const computedMs = performance.now();
      const htmlPath = flags.report === false ? undefined : await writeReport({ context, flags, workspace, run, workers: request.workers });
      print(context, flags, run);
      if (htmlPath !== undefined && flags.quiet !== true) context.stderr.write(`\nReport: ${htmlPath}\n`);
      if (flags.verbose === true) {
        context.stderr.write(`${describeTimings({ start_up: startUpMs, ...run.timingsMs, report: performance.now() - computedMs })}\n`);
      }
    });
  });
}

/** Where the time went, in whole milliseconds; `search` holds `engine_load` and `engine_compute`. */
function describeTimings(timingsMs: Readonly<Record<string, number>>): string {
  return `Time in ms: ${Object.entries(timingsMs)
    .map(([name, ms]) => `${name} ${String(Math.round(ms))}`)
    .join(', ')}`;
}

interface ReportRequest {
  readonly context: CliContext;
  readonly flags: V1BaselineFlags;
  readonly workspace: Workspace;
  readonly run: V1BaselineRun;
  readonly workers: number | undefined;
}

async function writeReport({ context, flags, workspace, run, workers }: ReportRequest): Promise<string> {
  const createdAt = new Date(context.nowMs()).toISOString();
  const sliceId = run.outcome.data.slice_id;
  const dir = await chooseRunDir(context, workspace, { createdAt, kind: 'v1-baseline', sliceId, asked: flags.report });
  const provenance = toRunProvenance(context, workspace, {
    createdAt,
    engineSourceHash: run.outcome.engine_source_hash,
    workers: workers ?? availableParallelism(),
    timingsMs: run.timingsMs,
  });
  const { htmlPath } = await writeV1BaselineReport({ outcome: run.outcome, calls: run.calls, provenance, dir });
  return toShownPath(context, htmlPath);
}

function print(context: CliContext, flags: V1BaselineFlags, { outcome }: V1BaselineRun): void {
  const format = flags.json === true ? 'json' : flags.format;
  switch (format) {
    case 'json':
      context.stdout.write(`${JSON.stringify(outcome)}\n`);
      return;
    case 'csv':
      context.stdout.write(renderV1BaselineCsv(outcome));
      return;
    case 'table':
      context.stdout.write(
        renderV1BaselineTables(outcome, { width: context.stdout.columns || 100, color: useColor(context, flags, context.stdout) }),
      );
  }
}

/** `optimize --dry-run`: how large the space is, how long the study would take and how much memory, from three pilot trials. Records nothing. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defineStudy, readStudySpec, runPilot, type Pilot, type SpaceProbe, type StudyRequest } from '@quantbot/backtest';
import { openCatalogue } from '@quantbot/storage';
import type { CliContext } from '../context.ts';
import { measureWorkerMib } from '../studies/measure-memory.ts';
import type { RunSettings, StudyEngineRoom } from '../studies/study-engine.ts';
import { formatCount } from '../terminal/format.ts';
import type { Workspace } from '../workspace/workspace.ts';

export interface DryRunRoom {
  readonly context: CliContext;
  readonly settings: RunSettings;
  readonly workspace: Workspace;
  readonly engineRoom: StudyEngineRoom;
  readonly probe: SpaceProbe;
  readonly isJson: boolean;
}

/** snake_case: printed with --json. Times in seconds unless the name says otherwise. */
interface Estimate {
  readonly space_size: number | null;
  readonly trials: number;
  readonly sampler: string;
  readonly seed: number;
  readonly workers: number;
  readonly pilot_trials: number;
  readonly ms_per_trial: number;
  readonly estimated_s: number;
  /** Highest of a worker so far; null: this system does not tell. */
  readonly worker_memory_mib: number | null;
  readonly failed_pilots: readonly string[];
}

export async function runDryRun(room: DryRunRoom, request: Omit<StudyRequest, 'provenance'>): Promise<void> {
  const { context, workspace, engineRoom } = room;
  engineRoom.progress.stage('Running three pilot trials');
  await mkdir(dirname(workspace.slicesDir), { recursive: true });
  const scratch = await mkdtemp(join(dirname(workspace.slicesDir), '.dry-run-'));
  try {
    const pilot = await tryOut(room, request, scratch);
    const estimate = toEstimate(room, request, pilot);
    engineRoom.progress.finish();
    context.stdout.write(room.isJson ? `${JSON.stringify(estimate)}\n` : render(estimate));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function tryOut(
  { context, workspace, engineRoom, probe }: DryRunRoom,
  request: Omit<StudyRequest, 'provenance'>,
  scratch: string,
): Promise<Pilot> {
  const catalogue = await openCatalogue(workspace.dataDir);
  try {
    const definition = await defineStudy({ catalogue, slicesDir: scratch }, { ...request, provenance: {} });
    const spec = readStudySpec({ id: request.id, definition });
    const { engine, interrupt } = engineRoom;
    return await runPilot(
      { engine, slicesDir: scratch, signal: interrupt.drain, nowMs: context.nowMs },
      { objectives: definition.objectives, spec },
      probe.first,
    );
  } finally {
    await catalogue.close();
  }
}

function toEstimate({ settings, probe }: DryRunRoom, { plan, seed, trials }: Omit<StudyRequest, 'provenance'>, pilot: Pilot): Estimate {
  const isGrid = plan.sampler.name === 'grid';
  const total = Math.min(trials ?? Infinity, isGrid ? (probe.spaceSize ?? Infinity) : Infinity);
  return {
    space_size: probe.spaceSize,
    trials: total,
    sampler: plan.sampler.name,
    seed,
    workers: settings.maxWorkers,
    pilot_trials: pilot.trials,
    ms_per_trial: pilot.msPerTrial,
    estimated_s: (pilot.startMs + (total * pilot.msPerTrial) / settings.maxWorkers) / 1000,
    worker_memory_mib: measureWorkerMib() ?? null,
    failed_pilots: pilot.failed,
  };
}

function render(estimate: Estimate): string {
  const memory = estimate.worker_memory_mib;
  const lines = [
    `Space     ${estimate.space_size === null ? 'infinite: at least one parameter takes any number of its range' : `${formatCount(estimate.space_size)} combinations`}`,
    `Trials    ${formatCount(estimate.trials)} (${estimate.sampler}, seed ${String(estimate.seed)})`,
    `Time      about ${toTime(estimate.estimated_s)}: ${estimate.ms_per_trial.toPrecision(3)} ms per trial, ${formatCount(estimate.workers)} ${estimate.workers === 1 ? 'worker' : 'workers'}`,
    `Memory    ${memory === null ? 'not measured on this system' : `about ${formatCount(memory * estimate.workers)} MiB (${formatCount(memory)} MiB per worker)`}`,
    ...estimate.failed_pilots.map((message) => `Failed    ${message}`),
    'Nothing was recorded.',
  ];
  return `${lines.join('\n')}\n`;
}

function toTime(seconds: number): string {
  if (seconds < 100) return `${String(Math.ceil(seconds))} s`;
  const minutes = seconds / 60;
  return minutes < 100 ? `${String(Math.ceil(minutes))} min` : `${(minutes / 60).toFixed(1)} h`;
}

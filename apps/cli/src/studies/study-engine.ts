/** What a study is run with: a pool of engine processes, progress on stderr, and a Ctrl-C that first asks and then insists. */
import { PythonEngine } from '@quantbot/backtest';
import type { CliContext, CommonFlags } from '../context.ts';
import { watchInterruptsPatiently, type PatientInterrupt } from '../terminal/interrupt.ts';
import { createProgressLine, type ProgressLine } from '../terminal/progress.ts';

/** How a study is run; never changes a result. */
export interface RunSettings {
  readonly maxWorkers: number;
  readonly trialTimeoutMs: number;
  /** undefined: no limit. */
  readonly memoryLimitMib: number | undefined;
  /** Trials between two reports; undefined: one at the end. */
  readonly reportFrequency: number | undefined;
  readonly writesReport: boolean;
}

export interface StudyEngineRoom {
  readonly engine: PythonEngine;
  readonly interrupt: PatientInterrupt;
  readonly progress: ProgressLine;
  /** A line on stderr, unless --quiet. */
  readonly say: (text: string) => void;
}

/** A pool of engine processes, progress on stderr and a patient Ctrl-C for the length of one study. */
export async function withStudyEngine<T>(
  { context, flags, settings }: { context: CliContext; flags: CommonFlags; settings: RunSettings },
  use: (room: StudyEngineRoom) => Promise<T>,
): Promise<T> {
  const { maxWorkers, memoryLimitMib } = settings;
  const engine = new PythonEngine({ maxProcesses: maxWorkers, ...(memoryLimitMib !== undefined && { memoryLimitMib }) });
  const isQuiet = flags.quiet === true;
  const progress = createProgressLine({ stream: context.stderr, isQuiet, nowMs: context.nowMs });
  const say = (text: string): void => {
    if (isQuiet) return;
    progress.finish();
    context.stderr.write(`${text}\n`);
  };
  const interrupt = watchInterruptsPatiently(() => {
    say('Finishing the block under way; Ctrl-C again stops at once and drops it.');
  });
  try {
    return await use({ engine, interrupt, progress, say });
  } finally {
    progress.finish();
    interrupt.stop();
    engine.close();
  }
}

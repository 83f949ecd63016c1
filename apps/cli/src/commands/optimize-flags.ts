/** Flags of `optimize`: they win over the study file. Those that only say how to run hold for `studies resume` too. */
import { availableParallelism } from 'node:os';
import { SamplerNameSchema, type StudyPlan } from '@quantbot/backtest';
import { AppError, PERIODS, SAMPLER_NAMES, toObjectiveName, type Period } from '@quantbot/core';
import type { Command } from 'commander';
import type { CommonFlags } from '../context.ts';
import type { RunSettings } from '../studies/study-engine.ts';
import { parseNameList, parseNumber, parsePeriod, parseWholeNumber } from '../terminal/parse-flags.ts';

/** How a study is run; never changes a result. */
export interface RunFlags extends CommonFlags {
  readonly maxWorkers?: string;
  readonly maxConcurrent?: string;
  readonly cpuFraction?: string;
  readonly reportFrequency?: string;
  readonly timeout?: string;
  readonly memoryLimit?: string;
  readonly report: boolean;
  readonly json?: boolean;
}

/** What a new study is. */
export interface StudyFlags {
  readonly sampler?: string;
  readonly trials?: string;
  readonly seed?: string;
  readonly objectives?: readonly string[];
  readonly stage?: string;
  readonly stages?: readonly string[];
  readonly name?: string;
}

export function addRunFlags(command: Command): Command {
  return command
    .option('--max-workers <count>', 'engine processes; never changes a result (default: --cpu-fraction of the cores)')
    .option('--max-concurrent <count>', 'the same as --max-workers')
    .option('--cpu-fraction <fraction>', 'share of the cores to use, above 0 and up to 1 (default: 0.9)')
    .option('--report-frequency <trials>', 'write the report every so many trials as well (default: at the end)')
    .option('--timeout <seconds>', 'longest time of one trial; a trial that takes longer fails (default: 600)')
    .option('--memory-limit <mib>', 'most memory of one engine process; a trial that needs more fails (default: no limit)')
    .option('--no-report', 'no run folder')
    .option('--json', 'the summary as JSON on stdout');
}

export function addStudyFlags(command: Command): Command {
  return command
    .option('--sampler <name>', `${SAMPLER_NAMES.join(', ')} (default: the file's, else bayesian)`)
    .option('--trials <count>', "trials of the study (default: the file's, else all of a grid, else 100)")
    .option('--seed <number>', 'seed of all randomness (default: chosen and printed)')
    .option('--objectives <names...>', 'what to maximise; the first one leads')
    .option('--stage <period>', `the period that leads: ${PERIODS.join(', ')}`)
    .option('--stages <periods...>', `periods that every trial is judged over: ${PERIODS.join(', ')}`)
    .option('--name <name>', "name of the study (default: the file's)");
}

const DEFAULT_CPU_FRACTION = 0.9;
const DEFAULT_TRIAL_TIMEOUT_S = 600;

export function toRunSettings(flags: RunFlags): RunSettings {
  return {
    maxWorkers: toMaxWorkers(flags),
    trialTimeoutMs: Math.round(parsePositive('--timeout', flags.timeout ?? String(DEFAULT_TRIAL_TIMEOUT_S)) * 1000),
    memoryLimitMib: flags.memoryLimit === undefined ? undefined : parseWholeNumber('--memory-limit', flags.memoryLimit, 64),
    reportFrequency: flags.reportFrequency === undefined ? undefined : parseWholeNumber('--report-frequency', flags.reportFrequency, 1),
    writesReport: flags.report,
  };
}

function toMaxWorkers({ maxWorkers, maxConcurrent, cpuFraction }: RunFlags): number {
  const given = [maxWorkers, maxConcurrent, cpuFraction].filter((flag) => flag !== undefined);
  if (given.length > 1)
    throw new AppError('USAGE', '--max-workers, --max-concurrent and --cpu-fraction say the same thing; give one of them');
  if (maxWorkers !== undefined) return parseWholeNumber('--max-workers', maxWorkers, 1);
  if (maxConcurrent !== undefined) return parseWholeNumber('--max-concurrent', maxConcurrent, 1);
  const fraction = cpuFraction === undefined ? DEFAULT_CPU_FRACTION : parsePositive('--cpu-fraction', cpuFraction);
  if (fraction > 1) throw new AppError('USAGE', `--cpu-fraction: expected a number above 0 and up to 1, found "${cpuFraction ?? ''}"`);
  return Math.max(1, Math.floor(availableParallelism() * fraction));
}

function parsePositive(flag: string, text: string): number {
  const value = parseNumber(flag, text);
  if (value <= 0) throw new AppError('USAGE', `${flag}: expected a number above 0, found "${text}"`);
  return value;
}

/** The study file with the flags laid over it. */
export interface ChosenPlan {
  readonly plan: StudyPlan;
  readonly leadingPeriod: Period | undefined;
}

export function applyStudyFlags(plan: StudyPlan, flags: StudyFlags): ChosenPlan {
  const stage = flags.stage === undefined ? undefined : parsePeriod('--stage', flags.stage);
  const stages = flags.stages === undefined ? plan.periods : parseNameList(flags.stages).map((name) => parsePeriod('--stages', name));
  const wanted = new Set([...stages, ...(stage === undefined ? [] : [stage])]);
  const objectives = flags.objectives === undefined ? plan.objectives : [...new Set(parseNameList(flags.objectives).map(toObjectiveName))];
  if (objectives.length === 0 || wanted.size === 0) throw new AppError('USAGE', '--objectives and --stages: expected at least one name');
  return {
    leadingPeriod: stage,
    plan: {
      ...plan,
      name: flags.name ?? plan.name,
      objectives,
      periods: [...wanted],
      sampler: flags.sampler === undefined ? plan.sampler : { ...plan.sampler, name: parseSampler(flags.sampler) },
      trials: flags.trials === undefined ? plan.trials : parseWholeNumber('--trials', flags.trials, 1),
      seed: flags.seed === undefined ? plan.seed : parseWholeNumber('--seed', flags.seed, 0),
    },
  };
}

function parseSampler(text: string): (typeof SAMPLER_NAMES)[number] {
  const checked = SamplerNameSchema.safeParse(text);
  if (checked.success) return checked.data;
  throw new AppError('USAGE', `--sampler: expected one of ${SAMPLER_NAMES.join(', ')}, found "${text}"`);
}

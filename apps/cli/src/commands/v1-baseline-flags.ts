/** Flags of `backtest v1-baseline` → a checked request. Flags win over quantbot.yaml, quantbot.yaml over the defaults. */
import { V1_BASELINE_MODES, type V1BaselineMode, type V1BaselineRequest } from '@quantbot/backtest';
import {
  AppError,
  CapitalSimulatorConfigSchema,
  ExtremeLimitsSchema,
  GapFillSchema,
  IntrabarSchema,
  RANK_FIGURES,
  RankFigureSchema,
  V1BaselineGridSchema,
} from '@quantbot/core';
import { Option, type Command } from 'commander';
import type { z } from 'zod';
import type { CommonFlags } from '../context.ts';
import { collect, parseNameList, parseNumber, parseTime, parseWholeNumber } from '../terminal/parse-flags.ts';
import { parseLadders, parseLevelList, parseOptionalLevels, parseTargetDecays } from '../terminal/parse-levels.ts';
import type { WorkspaceConfig } from '../workspace/config.ts';

export interface V1BaselineFlags extends CommonFlags {
  readonly from?: string;
  readonly to?: string;
  readonly interval?: string;
  readonly tpMults?: readonly string[];
  readonly slMults?: readonly string[];
  readonly maxHoldHrs?: readonly string[];
  readonly trailActivationMults?: readonly string[];
  readonly trailPcts?: readonly string[];
  readonly breakEvenMults?: readonly string[];
  readonly ladder?: readonly string[];
  readonly targetDecay?: readonly string[];
  readonly rankBy: string;
  readonly initialCapital?: string;
  readonly maxAllocationPct?: string;
  readonly maxRiskPerTrade?: string;
  readonly maxConcurrentPositions?: string;
  readonly minExecutableSize?: string;
  readonly takerFeeBps?: string;
  readonly slippageBps?: string;
  readonly intrabar?: string;
  readonly gapFill?: string;
  readonly mode: V1BaselineMode;
  readonly minCalls: string;
  readonly filterCollapsed: boolean;
  readonly filterExtreme: boolean;
  readonly callerGroups?: readonly string[];
  readonly allowPartial: boolean;
  readonly workers?: string;
  readonly timeout?: string;
  readonly format: 'table' | 'json' | 'csv';
  readonly json?: boolean;
  /** A folder; true: the default below runs/; false: no report. */
  readonly report: string | boolean;
}

export function addV1BaselineFlags(command: Command): Command {
  command
    .option('--from <time>', 'first day or time of the calls (UTC)')
    .option('--to <time>', 'last day of the calls, included; a time is excluded (UTC)')
    .option('--interval <interval>', 'candles to use, such as 5m; default: the finest that the data has');
  return addRunFlags(addGridFlags(command));
}

/** The axes of the search, V1's three first. */
function addGridFlags(command: Command): Command {
  return command
    .option(
      '--tp-mults <numbers...>',
      'targets as multiples of the entry price; also ranges such as 1.05:6:0.005 (default: 1.5,2,2.5,3,4,5)',
    )
    .option('--sl-mults <numbers...>', 'stops as multiples of the entry price (default: 0.85,0.88,0.9,0.92,0.95)')
    .option('--max-hold-hrs <numbers...>', 'longest holding times in hours (default: 48)')
    .option('--trail-pcts <fractions...>', 'trailing stops below the highest price since entry, such as off,0.1,0.25 (default: off)')
    .option('--trail-activation-mults <numbers...>', 'multiples of the entry price from which on trailing stops are in force (default: 1)')
    .option('--break-even-mults <numbers...>', 'move the stop to the entry price after this multiple, such as off,1.5 (default: off)')
    .addOption(
      new Option('--ladder <rungs>', 'sell parts on the way: 2:0.5,4:0.25 is half at 2x, a quarter at 4x; repeat to compare').argParser(
        collect,
      ),
    )
    .addOption(
      new Option(
        '--target-decay <steps>',
        'other targets with time: 12:3,24:2 is 3x after 12 h, 2x after 24 h; repeat to compare',
      ).argParser(collect),
    );
}

function addRunFlags(command: Command): Command {
  return command
    .option('--initial-capital <money>', 'capital at the start (default: 10000)')
    .option('--max-allocation-pct <fraction>', 'largest share of the free cash in one position (default: 0.04)')
    .option('--max-risk-per-trade <amount>', '1 or more: money; below 1: fraction of the equity (default: 200)')
    .option('--max-concurrent-positions <count>', 'most open positions (default: 25)')
    .option('--min-executable-size <money>', 'smaller positions are skipped (default: 10)')
    .option('--taker-fee-bps <bps>', 'fee per side in basis points (default: 30)')
    .option('--slippage-bps <bps>', 'slippage per side in basis points (default: 10)')
    .addOption(
      new Option('--intrabar <rule>', 'when one candle touches stop and target (default: stop_first)').choices(IntrabarSchema.options),
    )
    .addOption(
      new Option('--gap-fill <rule>', 'fill price when a candle opens beyond a level (default: worse)').choices(GapFillSchema.options),
    )
    .addOption(
      new Option(
        '--mode <mode>',
        'each caller alone, the selected callers on one capital, both, all calls in one search, or a ranking that ignores capital',
      )
        .choices(V1_BASELINE_MODES)
        .default('both'),
    )
    .addOption(new Option('--rank-by <figure>', 'what --mode rank goes by').choices(RANK_FIGURES).default('expectancy'))
    .option('--min-calls <count>', 'leave out callers with fewer usable calls', '1')
    .addOption(new Option('--filter-collapsed', 'leave callers out of the group whose best result loses money').default(true))
    .option('--no-filter-collapsed', 'keep them in the group')
    .addOption(new Option('--filter-extreme', 'leave callers out of the group that need an extreme stop or target').default(true))
    .option('--no-filter-extreme', 'keep them in the group')
    .option('--caller-groups <names...>', 'only calls by these callers')
    .addOption(new Option('--allow-partial', 'keep calls whose candles end early or have holes').default(true))
    .option('--no-allow-partial', 'leave them out')
    .option('--workers <count>', 'threads of the engine (default: V1_OPTIMIZER_THREADS, else all cores); never changes a result')
    .option('--timeout <seconds>', 'end the search after this time', '3600')
    .addOption(new Option('--format <format>', 'what is printed on stdout').choices(['table', 'json', 'csv']).default('table'))
    .option('--json', 'short for --format json')
    .addOption(new Option('--report [dir]', 'where the report goes (default: a new folder below runs/)').default(true))
    .option('--no-report', 'no report');
}

type Raw = Readonly<Record<string, unknown>>;

export function toV1BaselineRequest(flags: V1BaselineFlags, config: WorkspaceConfig, env: NodeJS.ProcessEnv): V1BaselineRequest {
  const own = config.v1_baseline ?? {};
  return {
    mode: flags.mode,
    ...toTimeRange(flags),
    interval: flags.interval,
    grid: check(V1BaselineGridSchema, { ...own.param_grid, ...toGridFlags(flags) }),
    simulatorConfig: check(CapitalSimulatorConfigSchema, { ...own.simulator_config, ...toSimulatorFlags(flags) }),
    extremeLimits: check(ExtremeLimitsSchema, { ...own.extreme_limits }),
    rankBy: RankFigureSchema.parse(flags.rankBy),
    minCalls: parseWholeNumber('--min-calls', flags.minCalls, 1),
    filterCollapsed: flags.filterCollapsed,
    filterExtreme: flags.filterExtreme,
    callerGroups: parseNameList(flags.callerGroups ?? []),
    allowPartial: flags.allowPartial,
    workers: toWorkers(flags, env),
    timeoutMs: parseWholeNumber('--timeout', flags.timeout ?? '3600', 1) * 1000,
  };
}

function toTimeRange({ from, to }: V1BaselineFlags): Pick<V1BaselineRequest, 'fromMs' | 'toMs'> {
  const fromMs = from === undefined ? undefined : parseTime('--from', from, 'from');
  const toMs = to === undefined ? undefined : parseTime('--to', to, 'to');
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    throw new AppError('USAGE', `--from ${from ?? ''} is not before --to ${to ?? ''}`);
  }
  return { fromMs, toMs };
}

function toWorkers(flags: V1BaselineFlags, env: NodeJS.ProcessEnv): number | undefined {
  if (flags.workers !== undefined) return parseWholeNumber('--workers', flags.workers, 1);
  const fromEnv = env['V1_OPTIMIZER_THREADS'] ?? '';
  return fromEnv === '' ? undefined : parseWholeNumber('V1_OPTIMIZER_THREADS', fromEnv, 1);
}

function toGridFlags(flags: V1BaselineFlags): Raw {
  return {
    ...(flags.tpMults && { tp_mults: parseLevelList('--tp-mults', flags.tpMults) }),
    ...(flags.slMults && { sl_mults: parseLevelList('--sl-mults', flags.slMults) }),
    ...(flags.maxHoldHrs && { max_hold_hrs: parseLevelList('--max-hold-hrs', flags.maxHoldHrs) }),
    ...(flags.trailActivationMults && {
      trail_activation_mults: parseLevelList('--trail-activation-mults', flags.trailActivationMults),
    }),
    ...(flags.trailPcts && { trail_pcts: parseOptionalLevels('--trail-pcts', flags.trailPcts) }),
    ...(flags.breakEvenMults && { break_even_mults: parseOptionalLevels('--break-even-mults', flags.breakEvenMults) }),
    ...(flags.ladder && { ladders: parseLadders('--ladder', flags.ladder) }),
    ...(flags.targetDecay && { target_decays: parseTargetDecays('--target-decay', flags.targetDecay) }),
  };
}

const NUMBER_FLAGS = {
  initialCapital: 'initial_capital',
  maxAllocationPct: 'max_allocation_pct',
  maxRiskPerTrade: 'max_risk_per_trade',
  maxConcurrentPositions: 'max_concurrent_positions',
  minExecutableSize: 'min_executable_size',
  takerFeeBps: 'taker_fee_bps',
  slippageBps: 'slippage_bps',
} as const satisfies Partial<Record<keyof V1BaselineFlags, string>>;

/** Flags that hold one value of their axis each are named in the singular. */
const SINGULAR: Readonly<Record<string, string>> = { ladders: '--ladder', target_decays: '--target-decay' };

function toFlag(field: string): string {
  return SINGULAR[field] ?? `--${field.replaceAll('_', '-')}`;
}

function toSimulatorFlags(flags: V1BaselineFlags): Raw {
  const numbers = Object.entries(NUMBER_FLAGS).flatMap(([key, field]) => {
    const text = flags[key as keyof typeof NUMBER_FLAGS];
    return text === undefined ? [] : [[field, parseNumber(toFlag(field), text)] as const];
  });
  return {
    ...Object.fromEntries(numbers),
    ...(flags.intrabar && { intrabar: flags.intrabar }),
    ...(flags.gapFill && { gap_fill: flags.gapFill }),
  };
}

/** The flag is the field with dashes, so one message serves flags and quantbot.yaml. */
function check<Schema extends z.ZodType>(schema: Schema, value: Raw): z.output<Schema> {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map((issue) => {
    const field = String(issue.path[0] ?? '');
    const found: unknown = issue.path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
    return `${field} (${toFlag(field)}): ${issue.message}, found ${JSON.stringify(found)}`;
  });
  throw new AppError('INVALID_REQUEST', problems.join('; '), { details: { problems } });
}

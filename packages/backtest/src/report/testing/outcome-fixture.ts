/**
 * Builds V1 baseline outcomes for the report's tests: consistent in shape and plausible in size, not simulated.
 * Deterministic: the same options give the same document.
 */
import {
  CapitalSimulatorConfigSchema,
  ExtremeLimitsSchema,
  type Call,
  type CapitalSimulationResult,
  type ExitReason,
  type SkipReason,
  type TradeExecution,
  type V1BaselineGrid,
} from '@quantbot/core';
import type { CoverageReason } from '../../plan/coverage.ts';
import type { CallerOutcome, CoverageNote, GroupOutcome, V1BaselineMode, V1BaselineOutcome } from '../../v1-baseline/outcome.ts';
import { toGridCombinations } from '../grid.ts';
import type { RunProvenance } from '../provenance.ts';

export interface OutcomeFixtureOptions {
  readonly mode?: V1BaselineMode;
  readonly callers?: readonly string[];
  readonly callsPerCaller?: number;
  readonly grid?: V1BaselineGrid;
  /** Calls without candles, on top of the usable ones. */
  readonly excludedCalls?: number;
  readonly partialCalls?: number;
  /** No call can be traded. */
  readonly withoutTrades?: boolean;
  /** No caller passes the filters. */
  readonly withoutGroup?: boolean;
}

export interface OutcomeFixture {
  readonly outcome: V1BaselineOutcome;
  readonly calls: readonly Call[];
}

const DEFAULT_FIXTURE_GRID: V1BaselineGrid = {
  tp_mults: [1.5, 2, 2.5, 3, 4, 5],
  sl_mults: [0.85, 0.88, 0.9, 0.92, 0.95],
  max_hold_hrs: [48],
};

const FIRST_CALL_MS = Date.UTC(2025, 4, 1, 9, 30);
const INITIAL_CAPITAL = 10_000;

const DEFAULTS: Required<Omit<OutcomeFixtureOptions, 'withoutGroup'>> = {
  mode: 'both',
  callers: ['alpha', 'bravo', 'charlie', 'delta'],
  callsPerCaller: 40,
  grid: DEFAULT_FIXTURE_GRID,
  excludedCalls: 0,
  partialCalls: 0,
  withoutTrades: false,
};

export function buildOutcomeFixture(options: OutcomeFixtureOptions = {}): OutcomeFixture {
  const { mode, callers, callsPerCaller, grid, excludedCalls, partialCalls, withoutTrades } = { ...DEFAULTS, ...options };
  const random = createRandom(callers.length * 7919 + callsPerCaller);
  const usable = buildCalls(callers, { perCaller: callsPerCaller, random, prefix: 'call' });
  const spare = buildCalls(callers, { perCaller: Math.ceil(excludedCalls / callers.length), random, prefix: 'left-out' });
  const excluded = spare.slice(0, excludedCalls);
  const search = (caller: string, order: number, calls: readonly Call[]): CallerOutcome =>
    buildCaller({ caller, order, calls, grid, random, withoutTrades });
  const perCaller = callers.map((caller, order) =>
    search(
      caller,
      order,
      usable.filter((call) => call.caller === caller),
    ),
  );
  const withoutGroup = options.withoutGroup ?? withoutTrades;
  const outcome: V1BaselineOutcome = {
    kind: 'v1_baseline',
    schema_version: 1,
    quantbot_version: '0.1.0',
    engine_source_hash: 'e3b0c44298fc1c149afbf4c8996fb924',
    mode,
    param_grid: grid,
    simulator_config: CapitalSimulatorConfigSchema.parse({}),
    extreme_limits: ExtremeLimitsSchema.parse({}),
    filters: { filter_collapsed: true, filter_extreme: true, caller_groups: [] },
    data: buildData({ usable, excluded, partialCount: partialCalls }),
    optimize: mode === 'optimize' ? toOptimization(search('', 0, usable), grid) : null,
    ranking: null,
    per_caller: mode === 'optimize' ? null : perCaller,
    grouped: mode === 'grouped' || mode === 'both' ? buildGroup(perCaller, usable, { random, withoutGroup }) : null,
  };
  return { outcome, calls: [...usable, ...excluded] };
}

export function buildProvenanceFixture(): RunProvenance {
  return {
    createdAt: '2025-09-30T12:00:00.000Z',
    command: ['quantbot', 'backtest', 'v1-baseline', '--from', '2025-05-01', '--caller-groups', "O'Neil & <b>sons</b>"],
    workspaceName: 'my workspace',
    nodeVersion: 'v26.0.0',
    pythonVersion: '3.11.2',
    engineSourceHash: 'e3b0c44298fc1c149afbf4c8996fb924',
    workers: 2,
    timingsMs: { plan: 120.4, slice: 310.9, engine: 842.1 },
    platform: 'linux x64',
  };
}

type Random = () => number;

/** Mulberry32: tiny, seeded, good enough to look like a market. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function buildCalls(
  callers: readonly string[],
  { perCaller, random, prefix }: { perCaller: number; random: Random; prefix: string },
): readonly Call[] {
  const calls = callers.flatMap((caller, order) =>
    Array.from({ length: perCaller }, (_, index) => ({
      id: `${prefix}-${String(order)}-${String(index)}`,
      mint: `${Math.floor(random() * 1e15).toString(36)}4nZt9QxWvRkB7yLmPpump${String((order * perCaller + index) % 97)}`,
      caller,
      ts_ms: FIRST_CALL_MS + Math.floor(random() * 90 * 86_400_000),
    })),
  );
  return calls.sort((a, b) => a.ts_ms - b.ts_ms);
}

const EXITS: readonly (readonly [ExitReason, number])[] = [
  ['stop_loss', 0.9],
  ['take_profit', 2.5],
  ['time_exit', 1.12],
  ['end_of_data', 0.97],
];
const SKIPS: readonly SkipReason[] = ['no_entry', 'max_concurrent_positions', 'insufficient_capital'];

function buildResult(calls: readonly Call[], luck: number, random: Random): CapitalSimulationResult {
  const trades: TradeExecution[] = [];
  const skipped: { call_id: string; reason: SkipReason }[] = [];
  const curve = { ts_ms: [calls[0]?.ts_ms ?? FIRST_CALL_MS], equity: [INITIAL_CAPITAL] };
  let [equity, peak, deepest] = [INITIAL_CAPITAL, INITIAL_CAPITAL, 0];
  for (const call of calls) {
    if (random() < 0.12) {
      skipped.push({ call_id: call.id, reason: SKIPS[Math.floor(random() * SKIPS.length)] ?? 'no_entry' });
      continue;
    }
    const trade = buildTrade(call, { equity, luck, random });
    trades.push(trade);
    equity += trade.pnl;
    peak = Math.max(peak, equity);
    deepest = Math.max(deepest, 1 - equity / peak);
    curve.ts_ms.push(Math.max(trade.exit_ts_ms + 300_000, curve.ts_ms.at(-1) ?? 0));
    curve.equity.push(equity);
  }
  return {
    final_capital: equity,
    total_return: equity / INITIAL_CAPITAL - 1,
    trades_executed: trades.length,
    trades_skipped: skipped.length,
    completed_trades: trades,
    skipped_calls: skipped,
    capital_curve: curve,
    max_drawdown: deepest,
    ambiguous_exits: Math.floor(trades.length * 0.07),
  };
}

function buildTrade(call: Call, { equity, luck, random }: { equity: number; luck: number; random: Random }): TradeExecution {
  const draw = random();
  const [exitReason, multiple] = EXITS[draw < 0.8 - luck ? 0 : draw < 0.83 ? 1 : draw < 0.97 ? 2 : 3] ?? ['time_exit', 1];
  const entryMs = Math.ceil(call.ts_ms / 300_000) * 300_000;
  const entryPx = 10 ** (random() * 6 - 5);
  const size = equity * 0.02 * (0.5 + random());
  return {
    call_id: call.id,
    entry_ts_ms: entryMs,
    exit_ts_ms: entryMs + Math.ceil(random() * 570) * 300_000,
    entry_px: entryPx,
    exit_px: entryPx * multiple,
    size,
    pnl: size * (multiple - 1) - ((size * 40) / 10_000) * 2,
    exit_reason: exitReason,
    exit_mult: multiple,
    legs: [],
  };
}

interface CallerSpec {
  readonly caller: string;
  readonly order: number;
  readonly calls: readonly Call[];
  readonly grid: V1BaselineGrid;
  readonly random: Random;
  readonly withoutTrades: boolean;
}

function buildCaller({ caller, order, calls, grid, random, withoutTrades }: CallerSpec): CallerOutcome {
  const result = withoutTrades ? buildUntraded(calls) : buildResult(calls, 0.06 - 0.04 * (order % 3), random);
  const combinations = toGridCombinations(grid);
  const bestIndex = withoutTrades ? 0 : Math.floor(combinations.length * 0.45);
  const best = combinations[bestIndex] ?? { tp_mult: 1.5, sl_mult: 0.85, max_hold_hrs: 48 };
  const spread = Math.abs(result.final_capital - INITIAL_CAPITAL) + 400;
  const finals = combinations.map(({ tp_mult, sl_mult }, index) => {
    const distance = Math.abs(tp_mult - best.tp_mult) / 3 + Math.abs(sl_mult - best.sl_mult) * 8;
    return index === bestIndex || withoutTrades ? result.final_capital : result.final_capital - spread * (0.1 + distance + 0.25 * random());
  });
  return {
    caller,
    order,
    calls: calls.length,
    best_params: best,
    best_final_capital: result.final_capital,
    best_total_return: result.total_return,
    trades_executed: result.trades_executed,
    trades_skipped: result.trades_skipped,
    skipped_by_reason: countReasons(result.skipped_calls),
    params_evaluated: combinations.length,
    best_plateau: { params: best, score: result.final_capital - 100, own_final_capital: result.final_capital, cells: 9 },
    grid_final_capital: finals,
    grid_overview: null,
    grid_trades_executed: combinations.map(() => result.trades_executed),
    best_result: result,
    collapsed_capital: !withoutTrades && result.final_capital < INITIAL_CAPITAL,
    requires_extreme_params: best.sl_mult < 0.88 || best.tp_mult > 4,
    no_trades: result.trades_executed === 0,
  };
}

function buildUntraded(calls: readonly Call[]): CapitalSimulationResult {
  return {
    final_capital: INITIAL_CAPITAL,
    total_return: 0,
    trades_executed: 0,
    trades_skipped: calls.length,
    completed_trades: [],
    skipped_calls: calls.map((call) => ({ call_id: call.id, reason: 'no_entry' as const })),
    capital_curve: { ts_ms: [calls[0]?.ts_ms ?? FIRST_CALL_MS], equity: [INITIAL_CAPITAL] },
    max_drawdown: 0,
    ambiguous_exits: 0,
  };
}

function countReasons(skipped: readonly { readonly reason: string }[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function toOptimization(
  {
    caller: _caller,
    order: _order,
    calls: _calls,
    collapsed_capital: _c,
    requires_extreme_params: _e,
    no_trades: _n,
    ...best
  }: CallerOutcome,
  grid: V1BaselineGrid,
): NonNullable<V1BaselineOutcome['optimize']> {
  const ranked = toGridCombinations(grid).map((params, index) => {
    const finalCapital = best.grid_final_capital?.[index] ?? INITIAL_CAPITAL;
    return {
      params,
      result: {
        final_capital: finalCapital,
        total_return: finalCapital / INITIAL_CAPITAL - 1,
        trades_executed: best.trades_executed,
        trades_skipped: best.trades_skipped,
      },
    };
  });
  return { ...best, all_results: ranked.sort((a, b) => b.result.final_capital - a.result.final_capital) };
}

function buildGroup(
  perCaller: readonly CallerOutcome[],
  calls: readonly Call[],
  { random, withoutGroup }: { random: Random; withoutGroup: boolean },
): GroupOutcome {
  const isSelected = (caller: CallerOutcome): boolean =>
    !withoutGroup && !caller.collapsed_capital && !caller.requires_extreme_params && !caller.no_trades;
  const selected = perCaller.filter(isSelected);
  const names = new Set(selected.map(({ caller }) => caller));
  const excluded = perCaller
    .filter((caller) => !isSelected(caller))
    .map((caller) => ({
      caller: caller.caller,
      reasons: (['collapsed_capital', 'requires_extreme_params', 'no_trades'] as const).filter((reason) => caller[reason]),
    }));
  const mean = (pick: (caller: CallerOutcome) => number): number =>
    selected.reduce((sum, caller) => sum + pick(caller), 0) / selected.length;
  return {
    selected_callers: [...names],
    excluded_callers: excluded,
    grouped_params:
      selected.length === 0
        ? null
        : {
            tp_mult: mean((c) => c.best_params.tp_mult),
            sl_mult: mean((c) => c.best_params.sl_mult),
            max_hold_hrs: mean((c) => c.best_params.max_hold_hrs),
          },
    grouped_result:
      selected.length === 0
        ? null
        : buildResult(
            calls.filter((call) => names.has(call.caller)),
            0.04,
            random,
          ),
  };
}

function buildData({
  usable,
  excluded,
  partialCount,
}: {
  usable: readonly Call[];
  excluded: readonly Call[];
  partialCount: number;
}): V1BaselineOutcome['data'] {
  const toNote = (call: Call, reason: CoverageReason, covered: number | null): CoverageNote => ({
    call_id: call.id,
    caller: call.caller,
    mint: call.mint,
    ts_ms: call.ts_ms,
    reason,
    covered_fraction: covered,
  });
  const partial = usable.slice(0, partialCount).map((call, index) => toNote(call, index % 3 === 0 ? 'too_new' : 'missing_range', 0.4));
  return {
    slice_id: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    interval: '5m',
    interval_s: 300,
    from_ms: Date.UTC(2025, 4, 1),
    to_ms: null,
    first_call_ms: usable[0]?.ts_ms ?? FIRST_CALL_MS,
    last_call_ms: usable.at(-1)?.ts_ms ?? FIRST_CALL_MS,
    calls_found: usable.length + excluded.length,
    calls_full: usable.length - partial.length,
    calls_partial: partial.length,
    calls_excluded: excluded.length,
    calls_used: usable.length,
    instruments_used: new Set(usable.map(({ mint }) => mint)).size,
    candles_used: usable.length * 577,
    min_calls: 1,
    callers_below_min_calls: [],
    excluded: excluded.map((call, index) => toNote(call, index % 9 === 8 ? 'no_entry' : 'no_candles', null)),
    partial,
  };
}

/** The figures that the page draws on demand, as compact columns: a hundred thousand trades must not become a hundred thousand elements. */
import { isDeepStrictEqual } from 'node:util';
import type { Call, CapitalSimulationResult, GridOverview, TradeLeg, V1BaselineGrid } from '@quantbot/core';
import type { V1BaselineOutcome } from '../v1-baseline/outcome.ts';
import { findMainScope } from './findings.ts';
import { toFurtherChoices, toGridCombinations } from './grid.ts';
import { formatFurtherExits, formatMultiple, formatParams, formatPrice, formatShare } from './page/format.js';
import { toReportScopes, type ReportScope } from './scopes.ts';
import { EXIT_WORDS, NOT_TRADED_WORDS } from './words.ts';

/** Displayed figures keep this many significant digits; the CSV and JSON files keep all. */
const SIGNIFICANT_DIGITS = 9;

const EXIT_CODES = Object.keys(EXIT_WORDS);
const NOT_TRADED_CODES = Object.keys(NOT_TRADED_WORDS);

/** Read by page/main.js; its JSDoc type PageData is the same shape. Calls, callers, mints and reasons are numbers into the lists. */
export function toPageData(outcome: V1BaselineOutcome, calls: readonly Call[]): unknown {
  const register = createCallRegister(outcome, calls);
  const main = findMainScope(outcome);
  const scopes = toReportScopes(outcome);
  return {
    initialCapital: outcome.simulator_config.initial_capital,
    grid: {
      tp: outcome.param_grid.tp_mults,
      sl: outcome.param_grid.sl_mults,
      hold: outcome.param_grid.max_hold_hrs,
      further: toFurtherChoices(outcome.param_grid).map(({ options }) => options),
    },
    exitReasons: Object.values(EXIT_WORDS).map(({ label }) => label),
    notTradedReasons: Object.values(NOT_TRADED_WORDS).map(({ label }) => label),
    notTradedMeanings: Object.values(NOT_TRADED_WORDS).map(({ meaning }) => meaning),
    mainScope: Math.max(
      0,
      scopes.findIndex(({ kind, name }) => kind === main?.kind && name === main.name),
    ),
    scopes: scopes.map((scope) => toPageScope(outcome, scope, register.find)),
    excluded: {
      call: outcome.data.excluded.map(({ call_id }) => register.find(call_id)),
      reason: outcome.data.excluded.map(({ reason }) => NOT_TRADED_CODES.indexOf(reason)),
    },
    ...register.toColumns(),
  };
}

function toPageScope(outcome: V1BaselineOutcome, scope: ReportScope, findCall: (id: string) => number): unknown {
  return {
    kind: scope.kind,
    name: scope.name,
    params: [scope.params.tp_mult, scope.params.sl_mult, scope.params.max_hold_hrs],
    further: formatFurtherExits(scope.params),
    finalCapital: scope.finalCapital,
    totalReturn: scope.totalReturn,
    tradesExecuted: scope.tradesExecuted,
    grid: scope.grid === null ? null : { finalCapital: scope.grid.finalCapital.map(toDisplayed), trades: scope.grid.tradesExecuted },
    plateau:
      scope.plateau === null
        ? null
        : {
            settings: formatParams(scope.plateau.params),
            score: toDisplayed(scope.plateau.score),
            cells: scope.plateau.cells,
            index: findPlateauCell(outcome.param_grid, scope),
          },
    overview: scope.overview === null ? null : toPageOverview(scope.overview),
    result: scope.result === null ? null : toPageResult(scope.result, findCall),
  };
}

function toPageResult(result: CapitalSimulationResult, findCall: (id: string) => number): unknown {
  const trades = result.completed_trades;
  return {
    maxDrawdown: result.max_drawdown,
    ambiguousExits: result.ambiguous_exits,
    curve: { ms: result.capital_curve.ts_ms, equity: result.capital_curve.equity.map(toDisplayed) },
    trades: {
      call: trades.map(({ call_id }) => findCall(call_id)),
      entryMs: trades.map(({ entry_ts_ms }) => entry_ts_ms),
      exitMs: trades.map(({ exit_ts_ms }) => exit_ts_ms),
      entryPx: trades.map(({ entry_px }) => toDisplayed(entry_px)),
      exitPx: trades.map(({ exit_px }) => toDisplayed(exit_px)),
      size: trades.map(({ size }) => toDisplayed(size)),
      pnl: trades.map(({ pnl }) => toDisplayed(pnl)),
      multiple: trades.map(({ exit_mult }) => toDisplayed(exit_mult)),
      reason: trades.map(({ exit_reason }) => EXIT_CODES.indexOf(exit_reason)),
      legs: trades.some(({ legs }) => legs.length > 0) ? trades.map(({ legs }) => legs.map(toLegText).join(', ')) : null,
    },
    skipped: {
      call: result.skipped_calls.map(({ call_id }) => findCall(call_id)),
      reason: result.skipped_calls.map(({ reason }) => NOT_TRADED_CODES.indexOf(reason)),
    },
  };
}

function toLegText({ fraction, px, reason }: TradeLeg): string {
  return `${formatShare(fraction)} at ${formatPrice(px)} ${EXIT_WORDS[reason].label}`;
}

/** Buckets as text: one value, or from–to. */
function toPageOverview(overview: GridOverview): unknown {
  const texts = (from: readonly number[], to: readonly number[]): readonly string[] =>
    from.map((low, index) => {
      const high = to[index] ?? low;
      return low === high ? formatMultiple(low) : `${formatMultiple(low)} – ${formatMultiple(high)}`;
    });
  return {
    tp: texts(overview.tp_from, overview.tp_to),
    sl: texts(overview.sl_from, overview.sl_to),
    finalCapital: overview.best_final_capital.map(toDisplayed),
    trades: overview.trades_executed,
  };
}

/** Position of the best plateau in the grid, -1 where the grid is not listed. */
function findPlateauCell(grid: V1BaselineGrid, { grid: listed, plateau }: ReportScope): number {
  if (listed === null || plateau === null) return -1;
  return toGridCombinations(grid).findIndex((params) => isDeepStrictEqual(params, plateau.params));
}

function toDisplayed(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}

interface CallFacts {
  readonly id: string;
  readonly caller: string;
  readonly mint: string;
  readonly ts_ms: number | null;
}

/** Numbers the calls that the page mentions, in order of first mention, and their callers and mints. */
function createCallRegister(outcome: V1BaselineOutcome, calls: readonly Call[]): { find: (id: string) => number; toColumns: () => object } {
  const known = indexCalls(outcome, calls);
  const numbers = new Map<string, number>();
  const mentioned: CallFacts[] = [];
  return {
    find(id) {
      const number = numbers.get(id) ?? mentioned.length;
      if (number === mentioned.length) {
        numbers.set(id, number);
        mentioned.push(known.get(id) ?? { id, caller: '', mint: '', ts_ms: null });
      }
      return number;
    },
    toColumns() {
      const callers = createNameList();
      const mints = createNameList();
      const columns = {
        id: mentioned.map(({ id }) => id),
        ms: mentioned.map(({ ts_ms }) => ts_ms),
        caller: mentioned.map(({ caller }) => callers.find(caller)),
        mint: mentioned.map(({ mint }) => mints.find(mint)),
      };
      return { calls: columns, callers: callers.names, mints: mints.names };
    },
  };
}

/** Calls by id; excluded calls are found even if the caller of this stage handed over only the calls in the slice. */
export function indexCalls(outcome: V1BaselineOutcome, calls: readonly Call[]): ReadonlyMap<string, CallFacts> {
  const known = new Map<string, CallFacts>(calls.map((call) => [call.id, call]));
  for (const { call_id, caller, mint, ts_ms } of outcome.data.excluded) {
    if (!known.has(call_id)) known.set(call_id, { id: call_id, caller, mint, ts_ms });
  }
  return known;
}

function createNameList(): { readonly names: readonly string[]; find: (name: string) => number } {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  return {
    names,
    find(name) {
      const number = numbers.get(name) ?? names.length;
      if (number === names.length) {
        numbers.set(name, number);
        names.push(name);
      }
      return number;
    },
  };
}
